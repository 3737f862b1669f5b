"""`nnlab runs`: a folder of runs as a table, as CSV or as JSON."""

import csv
import io
import json
import shutil
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nnlab.config.fields import as_typed
from nnlab.console.stream import say
from nnlab.metric import Metric, formatted
from nnlab.reports.entries import BEST, FACTS, Entry, differing, headlines
from nnlab.reports.table import in_terminal, print_table, split
from nnlab.text import printable, span

ALWAYS = ("name", "status", "age", "duration")
SPANS = ("age", "duration")


def columns_of(entries: Sequence[Entry]) -> list[str]:
    """Return the default columns: facts, config keys that differ, headline metrics."""
    whole = [entry for entry in entries if entry.experiment]
    unnamed = any(not entry.saved.path.name.startswith(entry.experiment) for entry in whole)
    experiment = ["experiment"] * (unnamed and len({entry.experiment for entry in whole}) > 1)
    return [*ALWAYS, *experiment, *differing(entries), *headlines(entries)]


def known_keys(entries: Sequence[Entry], declared: Collection[str]) -> set[str]:
    """Return all names of values: those `declared` by experiments, and those that a run has."""
    return {*FACTS, *declared}.union(*(entry.values for entry in entries))


def ordered(entries: Sequence[Entry], key: str, metrics: Collection[Metric]) -> list[Entry]:
    """Return `entries` sorted by `key`: a metric with a direction best first, else ascending.

    Numbers are sorted as numbers, and stand before text; runs without the key come last.
    """
    higher = {metric.name for metric in metrics if metric.direction == "higher"}
    sign = (
        -1 if key.removeprefix(BEST) in higher and not any(key in e.config for e in entries) else 1
    )

    def place(entry: Entry) -> tuple[int, float, str]:
        value = entry.values.get(key)
        if value is None:
            return 2, 0, ""
        if isinstance(value, int | float):
            return 0, sign * value, ""
        return 1, 0, as_typed(value)

    return sorted(entries, key=place)


def print_entries(entries: Sequence[Entry], columns: Sequence[str] | None = None) -> None:
    """Print a table; by default of `columns_of`, in a terminal only those for which it has room."""
    names = columns or columns_of(entries)
    cells = {name: [_cell(entry, name) for entry in entries] for name in names}
    left = [] if columns or not in_terminal() else _without_room(cells, entries)
    names = [name for name in names if name not in left]
    print_table(
        names,
        list(zip(*(cells[name] for name in names), strict=True)),
        right=[n for n in names if any(_is_number(entry.values.get(n)) for entry in entries)],
        faint=[index for index, entry in enumerate(entries) if entry.fault],
    )
    if left:
        said = f"left out, for lack of room: --columns name,{','.join(left)} shows them"
        width = shutil.get_terminal_size().columns
        say(textwrap.fill(said, width, break_long_words=False, break_on_hyphens=False), sys.stdout)


def print_csv(entries: Sequence[Entry], columns: Sequence[str] | None = None) -> None:
    """Print the table as CSV: numbers with all digits, spans in seconds."""
    names = columns or columns_of(entries)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for entry in entries:
        row = (entry.values.get(name) for name in names)
        writer.writerow(
            "" if v is None else v if _is_number(v) else printable(as_typed(v)) for v in row
        )
    say(text.getvalue().removesuffix("\n"), sys.stdout)


def print_json(entries: Sequence[Entry]) -> None:
    """Print a JSON array with an object for each directory."""
    say(json.dumps([entry.json() for entry in entries], indent=2), sys.stdout)


def _cell(entry: Entry, name: str) -> str:
    value = entry.values.get(name)
    if value is None:
        return "null" if name in entry.config else ""
    if name in SPANS:
        return span(value)
    if name in entry.config or not _is_number(value):
        return as_typed(value)
    return formatted(entry.metrics, name.removeprefix(BEST), value)


def _without_room(cells: Mapping[str, Sequence[str]], entries: Sequence[Entry]) -> list[str]:
    """Return the columns for which a terminal has no room.

    First go metrics beside the headline of each experiment. The keys in which the runs differ stay
    longer: they tell the runs apart.
    """
    width = {
        name: 2 + max(map(len, [*split(name, column).splitlines(), *column]))
        for name, column in cells.items()
    }
    first = {entry.metrics[0].name for entry in entries if entry.metrics}
    measured = headlines(entries)[::-1]
    spare = [
        *(name for name in measured if name not in first),
        *("duration", "age"),
        *differing(entries)[::-1],
        *(name for name in measured if name in first),
    ]
    over = sum(width.values()) - 2 - shutil.get_terminal_size().columns
    left: list[str] = []
    while over > 0 and spare:
        left.append(spare.pop(0))
        over -= width[left[-1]]
    return left


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool)
