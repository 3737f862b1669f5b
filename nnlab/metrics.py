"""metrics.csv: one row a log point, appended; after a crash cut back to the rows that count."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import IO

from nnlab import files
from nnlab.errors import DataError

Row = dict[str, float]

LONGEST_LINE = 10_000  # bytes; ours have a hundred


class Metrics:
    """The log of one run.

    Attributes:
        rows: what was logged; whole numbers are int.
    """

    def __init__(self, path: Path) -> None:
        self.rows: list[Row] = []
        self._path = path
        self._file: IO[str] | None = None
        self._in_folder = False

    def append(self, row: Mapping[str, float]) -> None:
        """Log one row; all have the same columns.

        Raises:
            OSError: the file cannot be written.
        """
        with files.naming(self._path):
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8", newline="")
            self._file.write(_csv([row], header=not self.rows))
            self._file.flush()
        self.rows.append(dict(row))

    def sync(self) -> None:
        """Wait until all rows are on the disk."""
        if self._file:
            with files.naming(self._path):
                os.fsync(self._file.fileno())
                if not self._in_folder:  # a new file's name is on the disk when its folder is
                    files.fsync(self._path.parent)
                    self._in_folder = True

    def take(self, count: int, columns: Sequence[str]) -> None:
        """Take over the first `count` rows that an earlier process logged.

        Raises:
            DataError: there are fewer good ones of these columns.
            OSError: the file cannot be read.
        """
        rows = _read(self._path, count) if count else []
        if len(rows) < count:
            raise DataError(f"{self._path} has {len(rows):,} good rows, not {count:,}")
        if rows and list(rows[0]) != list(columns):
            raise DataError(f"{self._path} has other columns than {', '.join(columns)}")
        self.rows = rows

    def cut(self) -> None:
        """Drop from the file what follows the rows that were taken over.

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
            OSError: what was logged last cannot be written.
        """
        if self._file:
            with files.naming(self._path):
                self._file.close()


def _csv(rows: Iterable[Mapping[str, float]], *, header: bool) -> str:
    """Return rows as CSV; a float is written so that it reads back the same."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for number, row in enumerate(rows):
        if header and number == 0:
            writer.writerow(row)
        writer.writerow(row.values())
    return text.getvalue()


def _read(path: Path, count: int) -> list[Row]:
    """Return the first rows of the CSV file at `path`: at most `count`, up to the first bad one."""
    rows: list[Row] = []
    if not path.is_file():
        return rows
    try:
        with path.open("rb") as file:
            lines = iter(lambda: file.readline(LONGEST_LINE), b"")
            whole = takewhile(lambda line: line.endswith(b"\n"), lines)
            for row in islice(csv.DictReader(map(bytes.decode, whole)), count):
                rows.append({name: _number(text) for name, text in row.items()})  # noqa: PERF401 - keeps those before a bad one
    except (ValueError, TypeError, csv.Error):
        pass  # the caller counts
    return rows


def _number(text: str) -> float:
    """Return `text` as int if it is one, else as float; if neither, ValueError or TypeError."""
    try:
        return int(text)
    except ValueError:
        return float(text)
