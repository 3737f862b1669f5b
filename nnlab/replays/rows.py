"""Compare metrics.csv of a run and of its rerun, text by text, so that no bit is lost."""

import hashlib
import re
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.replays.difference import MISSING, Difference, apart
from nnlab.runs.csv_rows import LONGEST_LINE

NAME = "metrics.csv"
NUMBER = re.compile(r"[0-9.e+-]+")

Cells = list[str]


def first_row_apart(run: Path, again: Path, clocks: Collection[str]) -> Difference | None:
    """Return where metrics.csv of two run directories first differs; None if it does not.

    Args:
        run: the run.
        again: its rerun, whose file is taken to be whole.
        clocks: the columns that measure time: of them it is only asked that they hold numbers.

    Raises:
        DataError: a file cannot be read.
    """
    first, count, total, header = None, 0, 0, Cells()
    for row, (was, now) in enumerate(zip_longest(_rows(run), _rows(again))):
        header = header or now or was or []
        found = _cell_apart(row, header, was, now, clocks)
        total, count = row, count + bool(found and row)
        first = first or found
    if first is None:
        return None
    others = f"{count:,} of {total:,} rows differ" if count > 1 else ""
    return first._replace(more=", ".join(filter(None, [first.more, others])))


def digest(run: Path, clocks: Collection[str]) -> str:
    """Return the SHA-256 of metrics.csv without the columns `clocks`.

    Raises:
        DataError: the file cannot be read.
    """
    found, kept = hashlib.sha256(), None
    for cells in _rows(run):
        kept = [at for at, name in enumerate(cells) if name not in clocks] if kept is None else kept
        line = ",".join(cells[at] for at in kept if at < len(cells))
        found.update(f"{line}\n".encode("latin-1"))
    return found.hexdigest()


def _cell_apart(
    row: int, header: Cells, was: Cells | None, now: Cells | None, clocks: Collection[str]
) -> Difference | None:
    """Return the first difference in a row; row 0 is the header."""
    where = f"row {row:,}" if row else "the header"
    if was is None or now is None:
        return Difference(NAME, where, MISSING * (was is None) or "there", MISSING * (now is None)
                          or "there")  # fmt: skip
    if len(was) != len(now):
        return Difference(NAME, where, f"{len(was)} cells", f"{len(now)} cells")
    for name, one, other in zip(header, was, now, strict=True):
        if row and name in clocks:
            if not NUMBER.fullmatch(one):
                return Difference(NAME, f"{name} in {where}", repr(one), other)
        elif one != other:
            return Difference(NAME, f"{name} in {where}", one, other, apart(one, other))
    return None


def _rows(run: Path) -> Iterator[Cells]:
    """Yield the cells of each line; a line without its end has one cell more, which says so.

    Raises:
        DataError: the file cannot be read.
    """
    path = run / NAME
    try:
        with inputs.open_plain(path) as file:
            for line in iter(lambda: file.readline(LONGEST_LINE), b""):
                cells = line.removesuffix(b"\n").decode("latin-1").split(",")
                yield cells if line.endswith(b"\n") else [*cells, "no end of line"]
    except FileNotFoundError:  # a run that diverged at once has none
        return
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
