"""The faults that pydantic finds in a config, told to who wrote it: where, what, what to do."""

import json
import re
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from nnlab.config.suggest import near_key
from nnlab.config.yamlfile import Entry, parse_value
from nnlab.errors import UsageError
from nnlab.text import clipped

MOST_FAULTS = 10  # told at once: a screen
MOST_LETTERS = 60  # of a name or a value, as it is told

# pydantic's words -> those of who writes YAML
PLAIN_WORDS = {
    "a valid boolean": "true or false",
    "a valid string": "text",
    "a valid array": "a list in brackets, [..., ...]",
    " after validation": "",
    "a valid number": "a number",
    "a valid integer": "a whole number",
}


def describe(
    model: type[BaseModel],
    entries: Mapping[str, Entry],
    error: ValidationError,
    models: Mapping[str, type[BaseModel]],
) -> list[str]:
    """Return one line for each fault of what was given for `model`; of very many the first ones.

    `models` are those of all experiments: an unknown key may be another's.
    """
    found = [fault for fault in error.errors() if not _follows(fault)]
    faults = [_describe(model, entries, fault, models) for fault in found[:MOST_FAULTS]]
    if len(found) > MOST_FAULTS:
        faults.append(f"  and {len(found) - MOST_FAULTS:,} more")
    return faults


def _keys_beside(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys of the mapping at `loc`: those of `model`, or of the items of a list."""
    if len(loc) > 1:
        (model, *_) = typing.get_args(model.model_fields[str(loc[0])].annotation)
    return list(model.model_fields)


def _meant(
    model: type[BaseModel], loc: Sequence[str | int], models: Mapping[str, type[BaseModel]]
) -> str:
    """Return a hint at what the unknown key at `loc` was meant to be."""
    key, fields = str(loc[-1]), _keys_beside(model, loc)
    whose = [name for name, each in models.items() if len(loc) == 1 and key in each.model_fields]
    if whose:
        return f"it is a key of nnlab {whose[0]}"
    near = near_key(key, fields)
    return f"did you mean {near}?" if near else f"keys: {', '.join(fields)}"


def _had_quotes(value: object) -> bool:
    """Whether `value` is text that YAML reads as something else without its quotes."""
    try:
        return isinstance(value, str) and not isinstance(parse_value(value), str)
    except UsageError:
        return False


def _follows(fault: Any) -> bool:  # noqa: ANN401 - pydantic's ErrorDetails
    """Whether a fault only follows from others.

    A list is empty once its faulty items are left out; a default is not computed from faulty keys.
    """
    emptied = fault["type"] == "too_short" and bool(fault["input"])
    return emptied or fault["type"] == "default_factory_not_called"


def _describe(
    model: type[BaseModel],
    entries: Mapping[str, Entry],
    fault: Any,  # noqa: ANN401 - pydantic's ErrorDetails, whose input is anything
    models: Mapping[str, type[BaseModel]],
) -> str:
    """Return one line for one of pydantic's faults: where, which key, what it got, what to do."""
    if not fault["loc"]:  # a rule about several keys: its message names them
        said = fault["msg"].removeprefix("Value error, ")
        given = [f"{k}: {e.where}" for k, e in entries.items() if re.search(rf"\b{k}\b", said)]
        return f"  {said} ({', '.join(given)})"
    key = fault["loc"][0]
    where = entries[key].where if key in entries else "default"
    name = _name(fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"  {where}: unknown key {name!r}; {_meant(model, fault['loc'], models)}"
    if fault["type"] == "missing":
        return f"  {where}: {name.rpartition('.')[0]} has no {fault['loc'][-1]!r}"
    got = clipped(json.dumps(fault["input"]), MOST_LETTERS)
    return f"  {where}: {name} got {got}; {_wanted(fault)}"


def first_fault(error: ValidationError) -> str:
    """Return the first fault of what nnlab had written and somebody has changed: key and value."""
    fault: Any = error.errors()[0]
    of_a_union = fault["loc"][-1:] in {("int",), ("str",), ("float",)}
    name, value = _name(fault["loc"][:-1] if of_a_union else fault["loc"]), fault["input"]
    if fault["type"] == "missing":
        return f"{name} is missing"
    if not name:
        return str(fault["msg"])
    if isinstance(value, list | tuple | dict):
        told = (
            f"a mapping of {len(value):,}"
            if isinstance(value, dict)
            else f"a list of {len(value):,}"
        )
    else:
        told = clipped(json.dumps(value, default=str), MOST_LETTERS)
    wanted = re.sub(r"a valid dictionary( or instance of \w+)?", "a mapping", _wanted(fault))
    return f"{name} is {told}; {wanted}"


def _name(loc: Sequence[str | int]) -> str:
    """Return the name of a key or an item: `filters[2].pool`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return clipped("".join(parts).removeprefix("."), MOST_LETTERS)


def _wanted(fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return what a value should be."""
    wanted = re.sub(r"^(Value error, |\w+ (?=should))", "it ", fault["msg"])
    for theirs, plain in PLAIN_WORDS.items():
        wanted = wanted.replace(theirs, plain)
    return wanted + " (without quotes)" * _had_quotes(fault["input"])
