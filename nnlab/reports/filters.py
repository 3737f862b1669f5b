"""Filters of a list of runs: `lr=0.01`, `hidden>=50`, `status!=completed`, `age<2h`."""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from nnlab.config.fields import as_typed
from nnlab.config.suggest import near_key
from nnlab.config.yamlfile import parse_value
from nnlab.errors import UsageError
from nnlab.text import clipped, printable

FILTER = re.compile(r"([\w.-]+?)\s*(!=|<=|>=|==|=|<|>)\s*(.*)", re.DOTALL)
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SPAN = re.compile(r"(\d+\.?\d*) ?(s|min|h|d)")
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


class Filter(NamedTuple):
    """One condition.

    Attributes:
        key: the name of a value of a run.
        sign: how the value is compared.
        text: with what, as the user typed it.
        wanted: `text` as a value.
    """

    key: str
    sign: str
    text: str
    wanted: object

    def admits(self, values: Mapping[str, object]) -> bool:
        """Return whether a run with these `values` is listed; never one without the key."""
        if self.key not in values:
            return False
        value = values[self.key]
        if self.sign in ORDER:
            return _is_number(value) and ORDER[self.sign](value, self.wanted)
        same = value == self.wanted or as_typed(value) == self.text
        return same != (self.sign == "!=")


def parse(text: str, known: Collection[str], switches: Collection[str] = ()) -> Filter:
    """Return the filter that a user typed; `known` are the keys that a run can have.

    The keys in `switches` are true or false.

    Raises:
        UsageError: it is not a filter, its key is unknown, `<` compares with no number, or a switch
            is compared with another value than true or false.
    """
    said = clipped(printable(text), 60)
    match = FILTER.fullmatch(text)
    if not match:
        raise UsageError(
            f"{said!r} is not a filter; write one as lr=0.01 or, in quotes, 'test_accuracy>0.9'"
        )
    key, sign, given = match[1].replace("-", "_"), match[2].replace("==", "="), match[3]
    check_key(key, known)
    wanted = _value(given)
    if sign in ORDER and not _is_number(wanted):
        raise UsageError(f"{said!r}: {sign} needs a number after it, such as {key}{sign}0.5")
    if key in switches and not isinstance(wanted, bool):
        raise UsageError(f"{said!r}: {key} is true or false, such as {key}=true")
    return Filter(key, sign, given, wanted)


def check_key(key: str, known: Collection[str]) -> None:
    """Raise UsageError, with the nearest name, if `key` is not `known`."""
    if key not in known:
        near = near_key(key, known)
        hint = f"did you mean {near}?" if near else "`nnlab runs --json` shows all names"
        raise UsageError(f"no run has {clipped(printable(key), 60)!r}; {hint}")


def admitted(filters: Sequence[Filter], values: Mapping[str, object]) -> bool:
    """Return whether all filters admit a run with these values."""
    return all(each.admits(values) for each in filters)


def _value(text: str) -> object:
    """Return what a user typed as a value; a time span in seconds."""
    if span := SPAN.fullmatch(text):
        return float(span[1]) * SECONDS[span[2]]
    bare_list = "," in text and not text.startswith("[")
    try:
        return parse_value(f"[{text}]" if bare_list else text)
    except UsageError:
        return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
