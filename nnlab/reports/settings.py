"""The config of a saved run: what differs from the defaults, and the command that has it all."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from nnlab.config.base import Config
from nnlab.config.resolve import flag
from nnlab.reports.parts import Key


def keys(config: Mapping[str, Any], model: type[Config]) -> list[Key]:
    """Return the keys of a run's config in the order of `model`, then those that it lacks.

    Args:
        config: the values, as config.yaml or run.json has them.
        model: the model of the experiment's config.
    """
    defaults = _defaults(config, model)
    known = [
        Key(
            name, as_text(config[name]), as_text(defaults[name]), config[name] != defaults[name],
            field.description or "",
        )
        for name, field in model.model_fields.items()
        if name in config
    ]  # fmt: skip
    unknown = [
        Key(str(name), as_text(value), "", True, "This nnlab does not have this key.")
        for name, value in config.items()
        if name not in model.model_fields
    ]
    return known + unknown


def command(experiment: str, config: Mapping[str, Any], model: type[Config]) -> str:
    """Return the command, ready to paste into a shell, that has the values of `config` as flags."""
    defaults = _defaults(config, model)
    words = [
        word
        for name, value in config.items()
        if name in model.model_fields and value != defaults[name]
        for word in _flag(name, value)
    ]
    return shlex.join(["nnlab", experiment, *words])


def as_text(value: object) -> str:
    """Return a value as YAML on one line, which a flag takes, too."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _flag(name: str, value: object) -> Sequence[str]:
    if isinstance(value, bool):
        return [flag(name) if value else f"--no-{flag(name)[2:]}"]
    return [flag(name), as_text(value)]


def _defaults(config: Mapping[str, Any], model: type[Config]) -> dict[str, Any]:
    """Return the default of each key; one that comes from other keys, as these values make it."""
    derived = {name for name, field in model.model_fields.items() if field.default_factory}
    others = {k: v for k, v in config.items() if k in model.model_fields and k not in derived}
    plain: dict[str, Any] = model().model_dump(mode="json")
    try:
        given = model.model_validate_json(json.dumps(others, default=str)).model_dump(mode="json")
    except ValidationError:  # a config.yaml that somebody changed
        return plain
    return plain | {name: given[name] for name in derived}
