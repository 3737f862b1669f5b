"""metrics.csv: one row is appended per log point; a resume drops rows after its checkpoint."""

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path
from typing import IO

from nnlab import files, inputs
from nnlab.errors import DataError
from nnlab.text import clipped, listed

Row = dict[str, float]

LONGEST_LINE = 10_000  # bytes; nnlab writes about a hundred
LONGEST_WHOLE = 20  # digits of a whole number


class Metrics:
    """The log of one run.

    Attributes:
        rows: the logged rows; whole numbers are int.
    """

    def __init__(self, path: Path) -> None:
        self.rows: list[Row] = []
        self._path = path
        self._file: IO[str] | None = None
        self._in_folder = False

    def append(self, row: Mapping[str, float]) -> None:
        """Log one row; all rows have the same columns.

        Raises:
            UsageError: the file is a link.
            OSError: it cannot be written.
        """
        with files.naming(self._path):
            if self._file is None:
                self._file = files.open_append(self._path)
            self._file.write(_csv([row], header=not self.rows))
            self._file.flush()
        self.rows.append(dict(row))

    def sync(self) -> None:
        """Wait until all rows are on the disk."""
        if self._file:
            with files.naming(self._path):
                os.fsync(self._file.fileno())
                if not self._in_folder:  # the folder holds the name of a new file
                    files.fsync_folder(self._path.parent)
                    self._in_folder = True

    def take(self, count: int, columns: Sequence[str]) -> None:
        """Take over the first `count` rows, logged by an earlier process.

        Raises:
            DataError: the file has fewer good rows, or other columns.
            OSError: the file cannot be read.
        """
        rows, end = read_rows(self._path, count) if count else ([], "")
        if len(rows) < count:
            raise DataError(f"{self._path} has {len(rows):,} good rows, not {count:,} ({end})")
        if rows and list(rows[0]) != list(columns):
            raise DataError(f"{self._path} has other columns than {listed(columns)}")
        self.rows = rows

    def cut(self) -> None:
        """Remove the rows of the file after those that were taken over.

        Raises:
            OSError: the file cannot be written.
        """
        if self.rows:
            files.write_text(self._path, _csv(self.rows, header=True))
        else:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: the last rows cannot be written.
        """
        if self._file:
            with files.naming(self._path):
                self._file.close()


def _csv(rows: Iterable[Mapping[str, float]], *, header: bool) -> str:
    """Return rows as CSV; a float is written with all digits, so that it reads back the same."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for number, row in enumerate(rows):
        if header and number == 0:
            writer.writerow(row)
        writer.writerow(row.values())
    return text.getvalue()


def read_rows(path: Path, count: int | None = None) -> tuple[list[Row], str]:
    """Return the first good rows of the CSV file at `path`, and why there are no more.

    `count` is the most rows to read; by default all.
    """
    rows: list[Row] = []
    try:
        with inputs.open_plain(path) as file:
            lines = iter(lambda: file.readline(LONGEST_LINE), b"")
            whole = takewhile(lambda line: line.endswith(b"\n"), lines)
            for row in islice(csv.DictReader(map(bytes.decode, whole)), count):
                rows.append({name: _number(name, text) for name, text in row.items()})  # noqa: PERF401 - keeps the rows before a bad one
    except FileNotFoundError:
        return rows, "there is no such file"
    except (ValueError, csv.Error) as fault:
        return rows, f"line {len(rows) + 2}: {fault}"
    return rows, "the other rows are missing or incomplete"


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
