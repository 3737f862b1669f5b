"""Turn pydantic's validation errors into messages: where the value is, and what it should be."""

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

MOST_FAULTS = 10  # in one message, so that it fits on a screen
MOST_LETTERS = 60  # of a name or a value in a message

# pydantic's error type -> what the value should be; {names} are keys of the error's `ctx`.
# Source: https://docs.pydantic.dev/latest/errors/validation_errors/
WANTED = {
    "bool_type": "it should be true or false",
    "dict_type": "it should be a mapping",
    "finite_number": "it should be a finite number",
    "float_type": "it should be a number",
    "greater_than": "it should be greater than {gt}",
    "greater_than_equal": "it should be at least {ge}",
    "int_from_float": "it should be a whole number",
    "int_type": "it should be a whole number",
    "less_than": "it should be less than {lt}",
    "less_than_equal": "it should be at most {le}",
    "list_type": "it should be a list in brackets, [..., ...]",
    "literal_error": "it should be {expected}",
    "model_type": "it should be a mapping",
    "string_pattern_mismatch": "it should match the pattern {pattern}",
    "string_type": "it should be text",
    "too_long": "it should have at most {max_length} items, not {actual_length}",
    "too_short": "it should have {min_length} or more items, not {actual_length}",
    "tuple_type": "it should be a list in brackets, [..., ...]",
    "value_error": "it {error}",  # nnlab's own validators: "should be ...", "leaves no pixel ..."
}


def describe(
    model: type[BaseModel],
    entries: Mapping[str, Entry],
    error: ValidationError,
    models: Mapping[str, type[BaseModel]],
) -> list[str]:
    """Return one line for each fault in a config; if there are very many, for the first ones.

    Args:
        model: the model that refused the config.
        entries: the values of the config, and where each was given.
        error: pydantic's error.
        models: the models of all experiments; an unknown key may belong to another one.
    """
    found = [fault for fault in error.errors() if not _follows(fault)]
    faults = [_describe(model, entries, fault, models) for fault in found[:MOST_FAULTS]]
    if len(found) > MOST_FAULTS:
        faults.append(f"  and {len(found) - MOST_FAULTS:,} more")
    return faults


def first_fault(error: ValidationError) -> str:
    """Return the first fault in a file that nnlab wrote and somebody changed: key and value."""
    fault: Any = error.errors()[0]
    of_a_union = fault["loc"][-1:] in {("int",), ("str",), ("float",)}
    name, value = _name(fault["loc"][:-1] if of_a_union else fault["loc"]), fault["input"]
    if fault["type"] == "missing":
        return f"{name} is missing"
    if not name:
        return _rule(fault)
    if isinstance(value, dict):
        shown = f"a mapping of {len(value):,}"
    elif isinstance(value, list | tuple):
        shown = f"a list of {len(value):,}"
    else:
        shown = clipped(json.dumps(value, default=str), MOST_LETTERS)
    return f"{name} is {shown}; {_wanted(fault)}"


def _describe(
    model: type[BaseModel],
    entries: Mapping[str, Entry],
    fault: Any,  # noqa: ANN401 - pydantic's ErrorDetails, whose input is anything
    models: Mapping[str, type[BaseModel]],
) -> str:
    """Return one line for one fault: where, which key, what it got, what it should be."""
    if not fault["loc"]:  # a rule about several keys: its message names them
        rule = _rule(fault)
        given = [f"{k}: {e.where}" for k, e in entries.items() if re.search(rf"\b{k}\b", rule)]
        return f"  {rule} ({', '.join(given)})"
    key = fault["loc"][0]
    where = entries[key].where if key in entries else "default"
    name = _name(fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"  {where}: unknown key {name!r}; {_meant(model, fault['loc'], models)}"
    if fault["type"] == "missing":
        return f"  {where}: {name.rpartition('.')[0]} has no {fault['loc'][-1]!r}"
    got = clipped(json.dumps(fault["input"]), MOST_LETTERS)
    return f"  {where}: {name} got {got}; {_wanted(fault)}"


def _follows(fault: Any) -> bool:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return whether a fault is only a consequence of others.

    pydantic drops the faulty items of a list, and then may find the list empty; it does not compute
    a default from faulty keys.
    """
    emptied = fault["type"] == "too_short" and bool(fault["input"])
    return emptied or fault["type"] == "default_factory_not_called"


def _name(loc: Sequence[str | int]) -> str:
    """Return the name of a key or an item: `filters[2].pool`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return clipped("".join(parts).removeprefix("."), MOST_LETTERS)


def _meant(
    model: type[BaseModel], loc: Sequence[str | int], models: Mapping[str, type[BaseModel]]
) -> str:
    """Return a hint for the unknown key at `loc`: a similar key, or all keys."""
    key, fields = str(loc[-1]), _keys_at(model, loc)
    whose = [name for name, each in models.items() if len(loc) == 1 and key in each.model_fields]
    if whose:
        return f"it is a key of nnlab {whose[0]}"
    near = near_key(key, fields)
    return f"did you mean {near}?" if near else f"keys: {', '.join(fields)}"


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys that the mapping at `loc` can have: those of `model`, or of a list's item."""
    if len(loc) > 1:
        (model, *_) = typing.get_args(model.model_fields[str(loc[0])].annotation)
    return list(model.model_fields)


def _wanted(fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return what a value should be; in pydantic's own words if WANTED lacks the error's type."""
    facts = {name: _shown(fact) for name, fact in fault.get("ctx", {}).items()}
    template = WANTED.get(fault["type"])
    wanted = template.format(**facts) if template else str(fault["msg"])
    return wanted + " (without quotes)" * _had_quotes(fault["input"])


def _rule(fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return what a fault of the whole mapping says."""
    if fault["type"] == "value_error":  # it names the keys itself
        return str(fault["ctx"]["error"])
    return _wanted(fault)


def _shown(fact: object) -> str:
    """Return an item of `ctx` as text; 1000.0 is 1,000."""
    return f"{fact:,}".removesuffix(".0") if isinstance(fact, int | float) else str(fact)


def _had_quotes(value: object) -> bool:
    """Return whether `value` is text only because it was quoted: YAML reads "7" as text."""
    try:
        return isinstance(value, str) and not isinstance(parse_value(value), str)
    except UsageError:
        return False
