"""One pydantic model an experiment; its values come from field default < YAML < flag."""

import difflib
import json
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from nnlab.errors import UsageError
from nnlab.text import printable
from nnlab.yamlfile import Entry, read_mapping

MOST_FAULTS = 30  # told at once

# pydantic's words -> those of who writes YAML
PLAIN_WORDS = {
    "a valid boolean": "true or false",
    "a valid array": "a list in brackets, [..., ...]",
    " after validation": "",
    "a valid number": "a number (without quotes)",
    "a valid integer": "a whole number (without quotes)",
}


def _absolute(path: Path) -> Path:
    """Return `path` so that a run's config.yaml means the same place from everywhere."""
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # ~nobody
        raise ValueError(str(error)) from None


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Config(BaseModel):
    """Base of every experiment's config: immutable, no unknown keys, no NaN, a bool is no int."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    may_change: ClassVar[frozenset[str]] = frozenset({"epochs"})
    """Keys that a resume may change: those that leave the steps already taken as they were."""

    def fixed(self) -> dict[str, str]:
        """Return those keys of `may_change` that other keys' values fix all the same, and why."""
        return {}

    def changeable(self) -> frozenset[str]:
        """Return the keys that a resume of a run with these values may change."""
        return self.may_change - self.fixed().keys()

    def run_name(self, experiment: str) -> str:
        """Return what the experiment's numbered run directories are called."""
        return experiment


AnyConfig = TypeVar("AnyConfig", bound=Config)


@dataclass(frozen=True)
class Resolved(Generic[AnyConfig]):
    """A checked config.

    Attributes:
        config: the values.
        sources: for each key where its value came from.
        changed: what a resume changes: key -> (old, new).
    """

    config: AnyConfig
    sources: dict[str, str]
    changed: dict[str, tuple[object, object]] = field(default_factory=dict)

    def yaml(self) -> str:
        """Return the YAML that reruns this config, each key with its source as a comment."""
        values = self.config.model_dump(mode="json")
        lines = {key: to_yaml(key, value) for key, value in values.items()}
        width = max(map(len, lines.values()))
        return "".join(
            f"{line:<{width}}  # {printable(self.sources[key])}\n" for key, line in lines.items()
        )


def to_yaml(key: str, value: object) -> str:
    """Return `key: value` as one line of YAML."""
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    text = text.removesuffix("\n...\n").rstrip("\n")
    if "\n" in text:  # text of several lines; what JSON makes of it is YAML, too
        text = json.dumps(value, ensure_ascii=False)
    return f"{key}: {text}"


def resolve(
    model: type[AnyConfig], path: Path | None, flags: Mapping[str, object]
) -> Resolved[AnyConfig]:
    """Merge the field defaults of `model`, the YAML file at `path` and `flags`; check the result.

    `flags` holds the flags that were given, and no others.

    Raises:
        UsageError: every fault of file and flags at once, each with its place and a way out.
    """
    entries = read_mapping(path) if path else {}
    entries = entries | {key: Entry(value, flag(key)) for key, value in flags.items()}
    for key, entry in entries.items():
        if not _is_unicode(entry.value):
            raise UsageError(f"{entry.where}: {key} holds bytes that are not UTF-8 text")
    values = {key: entry.value for key, entry in entries.items()}
    try:
        # As JSON: strict about types, and JSON's array is the one way to write a tuple.
        config = model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        found = [fault for fault in error.errors() if not _follows(fault)]
        faults = [_describe(model, entries, fault) for fault in found[:MOST_FAULTS]]
        if len(found) > MOST_FAULTS:
            faults.append(f"  and {len(found) - MOST_FAULTS:,} more")
        raise UsageError("\n".join(["the config has faults, nothing was run:", *faults])) from None
    return Resolved(config, {key: _source(config, entries, key) for key in model.model_fields})


def flag(key: str) -> str:
    """Return the flag of a config key: `batch_size` is `--batch-size`."""
    return "--" + key.replace("_", "-")


def _source(config: Config, entries: Mapping[str, Entry], key: str) -> str:
    """Return where the value of a key came from."""
    if key in entries:
        return entries[key].where
    default = type(config).model_fields[key].default
    return "default" if getattr(config, key) == default else "from the other keys"


def _is_unicode(value: object) -> bool:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _keys_beside(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys of the mapping at `loc`: those of `model`, or of the items of a list."""
    if len(loc) > 1:
        (model, *_) = typing.get_args(model.model_fields[str(loc[0])].annotation)
    return list(model.model_fields)


def _follows(fault: Any) -> bool:  # noqa: ANN401 - pydantic's ErrorDetails
    """Whether a fault only says that a list is empty, once its faulty items are left out."""
    return fault["type"] == "too_short" and bool(fault["input"])


def _describe(model: type[Config], entries: Mapping[str, Entry], fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails, whose input is anything
    """Return one line for one of pydantic's faults: where, which key, what it got, what to do."""
    if not fault["loc"]:  # a rule about several keys: its message names them
        said = fault["msg"].removeprefix("Value error, ")
        given = [f"{k}: {e.where}" for k, e in entries.items() if re.search(rf"\b{k}\b", said)]
        return f"  {said} ({', '.join(given)})"
    key, *rest = fault["loc"]
    where = entries[key].where if key in entries else "default"
    name = key + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    if fault["type"] == "extra_forbidden":
        fields = _keys_beside(model, fault["loc"])
        near = difflib.get_close_matches(fault["loc"][-1], fields, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]}?" if near else f"keys: {', '.join(fields)}"
        return f"  {where}: unknown key {name!r}; {hint}"
    if fault["type"] == "missing":
        return f"  {where}: {name.rpartition('.')[0]} has no {fault['loc'][-1]!r}"
    wanted = re.sub(r"^(Value error, |\w+ (?=should))", "it ", fault["msg"])
    for theirs, plain in PLAIN_WORDS.items():
        wanted = wanted.replace(theirs, plain)
    return f"  {where}: {name} got {json.dumps(fault['input'])}; {wanted}"
