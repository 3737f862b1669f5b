"""Read metrics.csv row by row: whatever a CSV file may be, up to its first damaged row."""

import csv
import math
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from itertools import islice, takewhile

from nnlab.text import clipped

LONGEST_LINE = 10_000  # bytes; nnlab writes about a hundred
LONGEST_WHOLE = 20  # digits of a whole number
ROWS_AT_ONCE = 1000


def by_row(file: BufferedReader, names: list[str] | None) -> Iterator[dict[str, list[float]]]:
    """Read the rest of the file as `_parts`; without `names` it begins with them."""
    lines = iter(lambda: file.readline(LONGEST_LINE), b"")
    whole = takewhile(lambda line: line.endswith(b"\n"), lines)
    table = csv.DictReader(map(bytes.decode, whole), names)
    fault: Exception | None = None
    while not fault:
        rows = []
        try:
            for row in islice(table, ROWS_AT_ONCE):
                rows.append({name: _number(name, text) for name, text in row.items()})  # noqa: PERF401 - keeps the rows before a bad one
        except (ValueError, csv.Error) as error:
            fault = error
        if rows:
            yield {name: [row[name] for row in rows] for name in rows[0]}
        elif not fault:
            return
    raise fault


def _number(name: str | None, text: str | None) -> float:
    """Return a cell as int if possible, else as float; ValueError if it is infinite or negative."""
    if name is None or text is None:  # DictReader's, if a row is longer or shorter than the header
        raise ValueError("it does not have one value for each column")
    for kind in (int, float) if len(text) <= LONGEST_WHOLE else (float,):
        with suppress(ValueError):
            if math.isfinite(number := kind(text)) and number >= 0:  # as all metrics
                return number
    told = f"{clipped(name, 30)} is {clipped(text, 30)!r}"
    raise ValueError(f"{told}; it should be a finite number, at least 0")
