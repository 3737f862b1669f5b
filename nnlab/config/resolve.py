"""Resolve a config from field defaults, a YAML file and flags, and record each value's source.

A flag overrides the file, and the file overrides the default. The file may be a preset.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from nnlab.config.base import AnyConfig, Config
from nnlab.config.faults import describe
from nnlab.config.yamlfile import Entries, Entry, read_mapping
from nnlab.errors import UsageError
from nnlab.inputs import STDIN
from nnlab.text import printable

DEFAULT, DERIVED = DEFAULTS = ("default", "from the other keys")
"""The sources of values that nobody gave."""

WIDE = 50  # characters; a longer line of YAML has its comment behind it, not below the others

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True)
class Resolved(Generic[AnyConfig]):
    """A checked config.

    Attributes:
        config: the values.
        sources: key -> where its value came from.
        changed: the changes of a resume: key -> (old, new).
    """

    config: AnyConfig
    sources: dict[str, str]
    changed: dict[str, tuple[object, object]] = field(default_factory=dict)

    def yaml(self) -> str:
        """Return the YAML that reruns this config, each key with its source as a comment."""
        values = self.config.model_dump(mode="json")
        lines = {key: to_yaml(key, value) for key, value in values.items()}
        width = max((len(line) for line in lines.values() if len(line) <= WIDE), default=0)
        return "".join(
            f"{line:<{width}}  # {printable(self.sources[key])}\n" for key, line in lines.items()
        )


def to_yaml(key: str, value: object) -> str:
    """Return `key: value` as one line of YAML."""
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    text = text.removesuffix("\n...\n").rstrip("\n")
    if "\n" in text:  # text of several lines: use JSON, which is also YAML
        text = json.dumps(value, ensure_ascii=False)
    return f"{key}: {text}"


def resolve(
    model: type[AnyConfig],
    path: Path | None,
    flags: Mapping[str, object],
    models: Mapping[str, type[Config]] = MappingProxyType({}),
    *,
    pipes: bool = False,
    called: str | None = None,
) -> Resolved[AnyConfig]:
    """Merge the field defaults of `model`, the YAML file at `path` and `flags`; check the result.

    Args:
        model: the experiment's config model.
        path: the YAML file, if any.
        flags: the flags that the user gave, by key.
        models: the models of all experiments, to tell which one has a key that `model` lacks.
        pipes: whether the file may be a pipe, or `-` for standard input.
        called: the source of the file's values, in place of its path and lines.

    Raises:
        UsageError: the file is a config of another experiment; or file and flags have faults. One
            message lists all faults, each with its place and what to do.
    """
    read = read_mapping(path, pipes=pipes) if path else Entries()
    refuse_another(model, path, read, models)
    entries = {
        **{key: entry._replace(where=called or entry.where) for key, entry in read.items()},
        **{key: Entry(value, _given(model, key, value)) for key, value in flags.items()},
    }
    config, faults = validate(model, entries, models)
    if config is None:
        raise UsageError("\n".join(["the config has errors, so nothing was run:", *faults]))
    return Resolved(config, {key: _source(config, entries, key) for key in model.model_fields})


def validate(
    model: type[AnyModel], entries: Mapping[str, Entry], models: Mapping[str, type[Config]]
) -> tuple[AnyModel | None, list[str]]:
    """Return the values of `entries` as a checked model, or None and one line for each fault."""
    for key, entry in entries.items():
        if not (_is_unicode(key) and _is_unicode(entry.value)):
            return None, [f"  {entry.where}: {printable(key)} holds bytes that are not UTF-8 text"]
    values = {key: entry.value for key, entry in entries.items()}
    try:
        # As JSON, because strict validation takes a JSON array, but not a Python list, as a tuple.
        return model.model_validate_json(json.dumps(values)), []
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":  # json.dumps nests deeper than pydantic
            where = ", ".join(entry.where for entry in entries.values())
            return None, [f"  {where}: a value has too many lists or mappings inside each other"]
        return None, describe(model, entries, error, models)


def refuse_another(
    model: type[Config], path: Path | None, entries: Entries, models: Mapping[str, type[Config]]
) -> None:
    """Raise UsageError if the file is a config of another experiment than `model`'s."""
    if best := fits_better(model, entries, models):
        command = f"nnlab {best} --config {shlex.quote(str(path))}"
        what = "standard input" if path == STDIN else path
        raise UsageError(f"{what} looks like a config of nnlab {best}; to run it: {command}")


def fits_better(
    model: type[Config], entries: Entries, models: Mapping[str, type[Config]]
) -> str | None:
    """Return another experiment than `model`'s that the keys of a file fit better, if any.

    That is the one that has most of the file's keys; of several, the one that its first line names,
    because a file may set no key, or only keys that all experiments have.
    """

    def fit(name: str) -> tuple[int, bool]:
        return len(models[name].model_fields.keys() & entries), name == entries.experiment

    own = next((name for name, each in models.items() if each is model), None)
    best = max(models, key=fit, default=None)
    return best if own and best and fit(best) > fit(own) else None


def flag(key: str) -> str:
    """Return the flag of a config key: `batch_size` is `--batch-size`."""
    return "--" + key.replace("_", "-")


def _given(model: type[Config], key: str, value: object) -> str:
    """Return the flag that gave `key` its `value`: `--no-KEY` for a switch that is off."""
    field = model.model_fields.get(key)  # None for an unknown key, given from Python
    off = field is not None and field.annotation is bool and value is False
    return f"--no-{flag(key)[2:]}" if off else flag(key)


def _source(config: Config, entries: Mapping[str, Entry], key: str) -> str:
    """Return where the value of a key came from."""
    if key in entries:
        return entries[key].where
    field = type(config).model_fields[key]
    default = field.get_default(call_default_factory=True, validated_data={})
    return DEFAULT if getattr(config, key) == default else DERIVED


def _is_unicode(value: object) -> bool:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True
