"""Read metrics.csv by column, into arrays: a million rows of six numbers take 48 MB.

The file is read some lines at a time. Lines as nnlab writes them are read as JSON, in C, in a sixth
of the usual time; from the first ones that are written in another way on, row by row.
"""

import csv
import json
import re
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.runs.csv_rows import LONGEST_LINE, LONGEST_WHOLE, ROWS_AT_ONCE, by_row

AT_ONCE = 1 << 18  # bytes
HEADER = re.compile(rb"\w+(,\w+)*\n")
DIGITS = b"0123456789.e+-,\n"
LARGEST = 10**LONGEST_WHOLE
TYPES = {"q": int, "d": float}

Column = Sequence[float]
"""An array of int64 ("q") or float64 ("d"); a list where neither holds exactly these numbers."""

_Growing: TypeAlias = "array[Any] | list[Any]"

Columns = dict[str, Column]
Row = dict[str, float]


def read_columns(path: Path, names: Collection[str] | None = None) -> tuple[Columns, str]:
    """Return the columns of metrics.csv by name, up to the first damaged row; none without rows.

    Whole numbers are int. `names` are the columns to return, by default all.

    Returns:
        The columns, and the place of the damaged row; "" if there is none. A last row without its
        end is no fault: a run that was killed, or is running, has that.

    Raises:
        OSError: the file cannot be read.
        DataError: it is a device, pipe or socket.
    """
    try:
        file = inputs.open_plain(path)
    except FileNotFoundError:
        return {}, ""
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    with file:
        lines = _count_lines(file)  # of a run that goes on there may soon be more
        columns: dict[str, _Growing] = {}
        found = 0
        with suppress(ValueError, csv.Error):
            for part in _parts(file):
                for name in (name for name in part if names is None or name in names):
                    columns[name] = _extended(columns.get(name, array("q")), part[name])
                found += count_rows(part)
    return {**columns}, f"line {found + 2} of metrics.csv" * (lines > found + 1)


def first_rows(path: Path, count: int) -> Iterator[Columns]:
    """Yield the first rows of metrics.csv, at most `count`, some at a time; one row or more.

    Raises:
        OSError: the file cannot be read.
        ValueError, csv.Error: it is a device, pipe or socket; or the row after those is damaged.
    """
    with inputs.open_plain(path) as file:
        for part in _parts(file):
            yield {name: values[:count] for name, values in part.items()}
            count -= min(count, count_rows(part))
            if not count:
                return


def count_rows(columns: Mapping[str, Column]) -> int:
    """Return the number of rows of a table."""
    return len(next(iter(columns.values()), ()))


def last_row(columns: Columns) -> Row:
    """Return the last row of a table; empty without rows."""
    return {name: column[-1] for name, column in columns.items()}


def rows(columns: Columns) -> Iterator[Row]:
    """Yield the rows of a table."""
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def packed(values: Iterable[float]) -> Column:
    """Return the numbers in an array, or a list where none holds exactly these."""
    column: _Growing = array("q")
    left = iter(values)
    while some := list(islice(left, ROWS_AT_ONCE)):
        column = _extended(column, some)
    return column


def _count_lines(file: BufferedReader) -> int:
    """Return the number of whole lines; go back to the start."""
    lines = sum(part.count(b"\n") for part in iter(lambda: file.read(AT_ONCE), b""))
    file.seek(0)
    return lines


def _extended(column: _Growing, values: Sequence[float]) -> _Growing:
    """Return the column with the values behind it; it is changed, or replaced by another kind."""
    if not column and type(values[0]) is float:
        column = array("d")
    if isinstance(column, array):
        if {*map(type, values)} == {TYPES[column.typecode]}:
            with suppress(OverflowError):  # a whole number of more than 64 bits
                column.extend(array(column.typecode, values))
                return column
        column = column.tolist()
    column.extend(values)
    return column


def _parts(file: BufferedReader) -> Iterator[Mapping[str, Sequence[float]]]:
    """Yield the columns of some rows, one row or more, until the end.

    Raises:
        ValueError, csv.Error: the row after those is damaged.
    """
    header, names, good = file.readline(LONGEST_LINE), None, 0
    with suppress(ValueError):  # what is unusual is read again, row by row
        names = _plain_names(header)
        good = len(header)
        while lines := _whole_lines(file.read(AT_ONCE)):
            yield _plain(names, lines)
            good += len(lines)
            file.seek(good)
    file.seek(good)
    yield from by_row(file, names)


def _plain_names(header: bytes) -> list[str]:
    names = header[:-1].decode("ascii").split(",")
    if not HEADER.fullmatch(header) or len(set(names)) < len(names):
        raise ValueError("written in another way")
    return names


def _whole_lines(raw: bytes) -> bytes:
    return raw[: raw.rfind(b"\n") + 1]


def _plain(names: Sequence[str], lines: bytes) -> dict[str, tuple[float, ...]]:
    """Return the columns of lines as nnlab writes them.

    Raises:
        ValueError: they are damaged, or written in another way.
    """
    if lines.translate(None, DIGITS):
        raise ValueError("written in another way")
    rows = json.loads(b"[[%b]]" % lines[:-1].replace(b"\n", b"],["))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    for column in columns.values():
        if min(column) < 0 or max(column) >= LARGEST:
            raise ValueError("negative or infinite, or a whole number of very many digits")
    return columns
