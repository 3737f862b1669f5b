"""The config with which a run was trained, as its run.json says."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nnlab.config.base import AnyConfig, Config
from nnlab.config.changes import changes
from nnlab.config.fields import as_typed
from nnlab.config.resolve import Resolved, resolve, validate
from nnlab.config.yamlfile import Entry
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.text import printable


def recorded_config(
    saved: SavedRun,
    model: type[AnyConfig],
    models: Mapping[str, type[Config]] = MappingProxyType({}),
) -> Resolved[AnyConfig]:
    """Return the config in run.json of a run; of a run that an old nnlab made, in config.yaml.

    Args:
        saved: the run.
        model: the config of its experiment.
        models: those of all experiments, to tell which one has a key that `model` lacks.

    Raises:
        UsageError: it is missing or damaged, or has keys or values that this nnlab does not know.
    """
    if not (recorded := saved.record.get("config")):
        return resolve(model, saved.path / "config.yaml", {})
    place = str(saved.path / "run.json")
    entries = {key: Entry(value, place) for key, value in recorded.items()}
    config, faults = validate(model, entries, models)
    if config is None:
        version = (saved.record.get("versions") or {}).get("nnlab", "an unknown version")
        title = f"{saved.path}: nnlab {version} made this run; this one cannot use its config:"
        raise UsageError("\n".join([title, *faults]))
    return Resolved(config, dict.fromkeys(config.model_dump(), "run.json"))


def unchanged_config(saved: SavedRun, model: type[AnyConfig]) -> AnyConfig:
    """Return the config of a run, whose config.yaml and run.json must say the same.

    Raises:
        UsageError: config.yaml says otherwise; or as `recorded_config`.
    """
    config = recorded_config(saved, model).config
    for key, (was, now) in config_changes(saved, model).items():
        raise UsageError(
            f"{printable(saved.path / 'config.yaml')} was changed after the run: {key} is "
            f"{_said(now)} there, and {_said(was)} in run.json, which the run was trained with; "
            "put that value back"
        )
    return config


def config_changes(saved: SavedRun, model: type[Config]) -> dict[str, tuple[Any, Any]]:
    """Return the keys in which config.yaml is not what run.json says: key -> (run.json, now).

    Raises:
        UsageError: config.yaml is missing or damaged.
    """
    recorded = saved.record.get("config")
    written = resolve(model, saved.path / "config.yaml", {}).config
    return changes(recorded, written) if recorded else {}


def _said(value: object) -> str:
    return printable(as_typed(value))
