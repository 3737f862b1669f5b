"""metrics.csv: one row is appended per log point; a resume drops rows after its checkpoint."""

import csv
import io
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from nnlab import files
from nnlab.errors import DataError
from nnlab.runs.columns import Columns, Row, count_rows, first_rows, last_row, read_columns
from nnlab.text import listed


class Metrics:
    """The log of one run. The rows are in the file alone: there may be millions.

    Attributes:
        count: the number of rows.
        last: the last row; whole numbers are int. Empty without rows.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.last: Row = {}
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
                self._lines = csv.writer(self._file, lineterminator="\n")
            if not self.count:
                self._lines.writerow(row)
            self._lines.writerow(row.values())  # a float with all digits: it reads back the same
            self._file.flush()
        self.count += 1
        self.last = dict(row)

    def sync(self) -> None:
        """Wait until all rows are on the disk."""
        if self._file:
            with files.naming(self._path):
                os.fsync(self._file.fileno())
                if not self._in_folder:  # the folder holds the name of a new file
                    files.fsync_folder(self._path.parent)
                    self._in_folder = True

    def columns(self, names: Collection[str] | None = None) -> Columns:
        """Read the rows back, by column: those of these names, by default all.

        Raises:
            OSError: the file cannot be read.
            DataError: it is a device, pipe or socket.
        """
        return read_columns(self._path, names)[0]

    def take(self, count: int, columns: Sequence[str]) -> None:
        """Take over the first `count` rows, logged by an earlier process.

        Raises:
            DataError: the file has fewer good rows, or other columns.
            OSError: the file cannot be read.
        """
        rows, last, end = 0, Row(), "the other rows are missing or incomplete"
        try:
            for part in first_rows(self._path, count) if count else ():
                rows, last = rows + count_rows(part), last_row(part)
        except FileNotFoundError:
            end = "there is no such file"
        except (ValueError, csv.Error) as fault:
            end = f"line {rows + 2}: {fault}"
        if rows < count:
            raise DataError(f"{self._path} has {rows:,} good rows, not {count:,} ({end})")
        if rows and list(last) != list(columns):
            raise DataError(f"{self._path} has other columns than {listed(columns)}")
        self.count, self.last = count, last

    def cut(self) -> None:
        """Remove the rows of the file after those that were taken over.

        Raises:
            OSError: the file cannot be written.
        """
        if not self.count:
            self._path.unlink(missing_ok=True)
            return
        with files.replacing(self._path) as file:
            file.write(_csv([self.last]))
            for part in first_rows(self._path, self.count):
                file.write(_csv(zip(*part.values(), strict=True)))

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: the last rows cannot be written.
        """
        if self._file:
            with files.naming(self._path):
                self._file.close()


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
