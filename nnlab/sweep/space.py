"""Read a space as a user writes it: `key=a,b,c`, `key=lo..hi`, `key=lo..hi:log`, or YAML."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from nnlab.config.strict import StrictModel
from nnlab.config.yamlfile import Entry, parse_value
from nnlab.errors import UsageError
from nnlab.text import clipped, printable

MOST_LETTERS = 60  # of an item in a message
FORMS = "write KEY=a,b,c or KEY=low..high or KEY=low..high:log"

_NUMBER = r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*"
_NEARLY = re.compile(rf"(?P<low>{_NUMBER})(?:\.\.\.|:|-|to)(?P<high>{_NUMBER})(?P<how>:log)?")
_RANGE = re.compile(r"(?P<low>.*?)\.\.(?P<high>[^:]*)(?::(?P<how>.*))?", re.DOTALL)


class Ends(StrictModel):
    """The ends of a range as the user gave them; the experiment's config has not checked them.

    In YAML `{from: 1, to: 10, log: true}`.

    Attributes:
        low, high: the ends.
        log: whether the logarithm is drawn evenly.
    """

    low: Any = Field(alias="from")
    high: Any = Field(alias="to")
    log: bool = False


class Item(NamedTuple):
    """What the user gave for one key.

    Attributes:
        values: the values in their order, or the ends of a range; one value is not searched.
        where: where it was given: `lr=0.1,0.2` on the command line, or `file:line`.
    """

    values: tuple[object, ...] | Ends
    where: str

    @property
    def searched(self) -> bool:
        """Whether there is more than one value to choose from."""
        return isinstance(self.values, Ends) or len(self.values) > 1


def typed(items: Iterable[str]) -> tuple[dict[str, Item], list[str]]:
    """Return what the items of a command line give each key, and one line for each fault."""
    found: dict[str, Item] = {}
    faults = []
    for text in items:
        name, sign, value = text.partition("=")
        key, where = as_key(name), clipped(printable(text.strip()), MOST_LETTERS)
        if not key or not sign:
            what = "names no key" if sign else "has no ="
            faults.append(f"  {where or repr(text)}: this item {what}; {FORMS}")
        elif key in found:
            faults.append(_twice(key, where, found[key]))
        else:
            try:
                found[key] = Item(_typed(value), where)
            except UsageError as error:
                faults.append(f"  {where}: {error}")
    return found, faults


def written(entries: Mapping[str, Entry]) -> tuple[dict[str, Item], list[str]]:
    """Return what the space of a YAML file gives each key, and one line for each fault."""
    found: dict[str, Item] = {}
    faults = []
    for name, entry in entries.items():
        key = as_key(name)
        if key in found:
            faults.append(_twice(key, entry.where, found[key]))
            continue
        match entry.value:
            case []:
                faults.append(f"  {entry.where}: {printable(name)} has no value; list one or more")
            case list(values):
                found[key] = Item(tuple(values), entry.where)
            case dict(ends):
                try:
                    found[key] = Item(Ends.model_validate(ends), entry.where)
                except ValidationError:
                    faults.append(
                        f"  {entry.where}: {printable(name)}: a range is {{from: 1, to: 10}} or "
                        "{from: 1, to: 10, log: true}"
                    )
            case value:
                try:
                    span = _range(value) if isinstance(value, str) else None
                    found[key] = Item(span or _numbers(value) or (value,), entry.where)
                except UsageError as error:
                    faults.append(f"  {entry.where}: {printable(name)}: {error}")
    return found, faults


def as_key(name: str) -> str:
    """Return the config key that a name means: `batch-size` is batch_size."""
    return name.strip().replace("-", "_")


def _twice(key: str, where: str, first: Item) -> str:
    return f"  {where}: {printable(key)} is given twice (first: {first.where}); give it once"


def _typed(text: str) -> tuple[object, ...] | Ends:
    """Return the values that the right side of an item means. Raises UsageError if it has none."""
    if ends := _range(text):
        return ends
    if not text.strip():
        raise UsageError(f"this item has no value; {FORMS}")
    try:  # a comma inside brackets does not split; the line break ends a comment
        values: Any = parse_value(f"[{text}\n]")
    except UsageError:
        raise UsageError(
            "YAML cannot read this list of values; write a,b,c, and quotes around text with "
            "special characters"
        ) from None
    if not values:
        raise UsageError(f"this item has no value; {FORMS}")
    if text.rstrip().endswith(","):
        raise UsageError("there is no value after the last comma; remove the comma")
    return tuple(values)


def _range(text: str) -> Ends | None:
    """Return the ends of the range that `text` means; None if it is no range, but `../data`.

    Raises:
        UsageError: an end is missing, something else than `log` follows, or it is nearly a range.
    """
    if nearly := _NEARLY.fullmatch(text):
        meant = f"{nearly['low'].strip()}..{nearly['high'].strip()}{nearly['how'] or ''}"
        raise UsageError(f"for a range write {meant}")
    match = _RANGE.fullmatch(text)
    if not match:
        return None
    low, high, how = match["low"].strip(), match["high"].strip(), match["how"]
    if not (_number(low) or _number(high)):
        return None
    if not low or not high:
        raise UsageError("one end of the range is missing; write low..high")
    if "," in low + high:
        raise UsageError("a range cannot stand in a list; give a range or a list of values")
    if how not in {None, "log"}:
        raise UsageError(f"{clipped(how, MOST_LETTERS)!r} cannot follow a range; only :log can")
    return Ends.model_validate({"from": _end(low), "to": _end(high), "log": how == "log"})


def _numbers(value: object) -> tuple[object, ...]:
    """Return the numbers of a text such as `0.1, 0.2`; none if it is another value."""
    parts = value.split(",") if isinstance(value, str) else []
    return tuple(map(_end, parts)) if len(parts) > 1 and all(map(_number, parts)) else ()


def _number(text: str) -> bool:
    value = _end(text)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _end(text: str) -> object:
    """Return an end of a range; text that is not YAML stays text, which no number is."""
    try:
        return parse_value(text)
    except UsageError:
        return text
