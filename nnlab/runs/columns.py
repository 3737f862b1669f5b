"""Read metrics.csv by column; a file as nnlab writes it takes a sixth of the usual time."""

import json
import re
from pathlib import Path

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.runs.metrics import LONGEST_WHOLE, read_rows

MAX_BYTES = 100_000_000  # read at once; a longer file is read row by row
HEADER = re.compile(rb"\w+(,\w+)*")
DIGITS = b"0123456789.e+-,\n"
LARGEST = 10**LONGEST_WHOLE

Columns = dict[str, list[float]]


def read_columns(path: Path) -> tuple[Columns, str]:
    """Return the columns of metrics.csv by name, up to the first damaged row; none without rows.

    Whole numbers are int. The result is that of `read_rows`.

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
    try:
        with file:
            size = inputs.check_size(file, MAX_BYTES, "a metrics.csv")
            return _plain(file.read(size)), ""
    except ValueError:  # anything unusual; `read_rows` knows what is good of it
        rows, _ = read_rows(path)
        columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
        whole = _count_lines(path)
        return columns, f"line {len(rows) + 2} of metrics.csv" * (whole > len(rows) + 1)


def _count_lines(path: Path) -> int:
    """Return the number of whole lines."""
    with inputs.open_plain(path) as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1_000_000), b""))


def _plain(raw: bytes) -> Columns:
    """Return the columns of a CSV file as nnlab writes it; its numbers are read as JSON, in C.

    Raises:
        ValueError: the file is empty, damaged, or written in another way.
    """
    header, _, body = raw.partition(b"\n")
    names = header.decode("ascii").split(",")
    usual = HEADER.fullmatch(header) and len(set(names)) == len(names)
    if not usual or not body.endswith(b"\n") or body.translate(None, DIGITS):
        raise ValueError("written in another way")
    rows = json.loads(b"[[%b]]" % body[:-1].replace(b"\n", b"],["))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    for column in columns.values():
        if min(column) < 0 or max(column) >= LARGEST:
            raise ValueError("negative or infinite, or a whole number of very many digits")
    return {name: list(column) for name, column in columns.items()}
