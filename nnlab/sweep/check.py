"""Check each value of a space against the config of its experiment, before anything starts.

`nnlab.sweep.misfits` checks whole settings, because some rules are about several keys.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import create_model

from nnlab.config.base import Config
from nnlab.config.fields import as_typed, plain_type
from nnlab.config.resolve import flag, validate
from nnlab.config.strict import StrictModel
from nnlab.config.yamlfile import Entry
from nnlab.experiments import configs
from nnlab.sweep.options import OF_THE_COMMAND, Options
from nnlab.sweep.plan import Axis, Choices, Keys, Range
from nnlab.sweep.space import MOST_LETTERS, Ends, Item
from nnlab.text import clipped


class Checked(NamedTuple):
    """A space whose values the experiment's config takes one by one.

    Attributes:
        base: the keys with one value, as the config of a run has them in run.json.
        space: the axes.
        faults: one line for each fault; its key is in neither.
    """

    base: Keys
    space: dict[str, Axis]
    faults: list[str]


def checked(model: type[Config], items: Mapping[str, Item]) -> Checked:
    """Check each value of a space alone.

    Args:
        model: the config of the experiment.
        items: what the user gave for each key.
    """
    done = Checked({}, {}, [])
    unknown = {
        key: Entry(None, item.where) for key, item in items.items() if key not in model.model_fields
    }
    options = [key for key in (*Options.model_fields, *OF_THE_COMMAND) if key in unknown]
    done.faults.extend(
        f"  {unknown[key].where}: {key} is no key, but an option: use {flag(key)}"
        for key in options
    )
    others = {key: entry for key, entry in unknown.items() if key not in options}
    if others:
        done.faults.extend(validate(model, others, configs())[1])
    for key, item in items.items():
        if key in unknown:
            continue
        if key == "seed" and item.searched:
            done.faults.append(
                f"  {item.where}: seed cannot be searched; for K runs of each setting: --seeds K"
            )
        elif isinstance(item.values, Ends):
            axis, faults = _range(model, key, item.values, item.where)
            done.faults.extend(faults)
            if axis:
                done.space[key] = axis
        else:
            values, faults = _values(model, key, item.values, item.where)
            done.faults.extend(faults)
            if len(values) > 1:
                done.space[key] = Choices(values=values)
            elif values:
                done.base[key] = values[0]
    return done


def alone(model: type[Config], key: str, value: object, where: str) -> tuple[Any, list[str]]:
    """Return a value of a key as run.json would have it, and its faults; rules over keys rest."""
    valid, faults = validate(_alone(model, key), {key: Entry(value, where)}, {})
    return valid and valid.model_dump(mode="json")[key], faults


@cache
def _alone(model: type[Config], key: str) -> type[StrictModel]:
    """Return a model with one key of a config, without the config's rules over several keys."""
    field = model.model_fields[key]
    fields: Any = {key: (field.annotation, field)}
    return create_model(model.__name__, __base__=StrictModel, **fields)


def _values(
    model: type[Config], key: str, values: Iterable[object], where: str
) -> tuple[list[Any], list[str]]:
    """Return the values of an axis, and the faults of those that it cannot have."""
    seen: dict[str, Any] = {}
    faults: list[str] = []
    for value in values:
        valid, wrong = alone(model, key, value, where)
        if wrong and isinstance(value, list) and not any(_faults(model, key, value)):
            wrong = [f"{wrong[0]}; for several values: {key}={','.join(map(as_typed, value))}"]
        faults += wrong
        text = json.dumps(valid)
        if not wrong and text in seen:
            faults.append(f"  {where}: {key} has {clipped(text, MOST_LETTERS)} twice; remove one")
        elif not wrong:
            seen[text] = valid
    return list(seen.values()), _once(faults)


def _faults(model: type[Config], key: str, values: Iterable[object]) -> Iterable[list[str]]:
    """Return the faults of each value."""
    return (alone(model, key, value, "")[1] for value in values)


def _once(faults: Iterable[str]) -> list[str]:
    """Return the first of those faults that say the same of several values."""
    told: dict[str, list[str]] = {}
    for fault in faults:
        told.setdefault(fault.rpartition("; ")[2], []).append(fault)
    return [
        first + f" (and {len(others)} more of its values)" * bool(others)
        for first, *others in told.values()
    ]


def _range(model: type[Config], key: str, ends: Ends, where: str) -> tuple[Range | None, list[str]]:
    """Return the range of an axis, or its faults."""
    kind = plain_type(model.model_fields[key])
    if kind not in {int, float}:
        return None, [f"  {where}: {key} is not a number; list its values: {key}=a,b"]
    low, faults = alone(model, key, ends.low, where)
    high, wrong = alone(model, key, ends.high, where)
    faults += wrong
    for end in (low, high):
        if not faults and not isinstance(end, int | float):
            faults = [f"  {where}: an end of the range is {as_typed(end)}, not a number"]
    if faults:
        return None, _once(faults)
    if low > high:
        wrong = [f"the low end {low} is above the high end {high}; write {key}={high}..{low}"]
    elif low == high:
        wrong = [f"both ends of the range are {low}; for a fixed value write {key}={low}"]
    elif ends.log and low <= 0:
        wrong = [
            f"a range with :log begins above 0, not at {low}; remove :log, or raise its low end"
        ]
    if wrong:
        return None, [f"  {where}: {line}" for line in wrong]
    return Range(low=low, high=high, log=ends.log, whole=kind is int), []
