"""Compare model.npz of a run and of its rerun, array by array, to the bit."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.replays.difference import MISSING, Difference, apart
from nnlab.replays.settings import SHORT
from nnlab.runs.saved import HEADERS, SavedRun
from nnlab.text import entry, listed

NAME = "model.npz"
LOCAL_HEADER = 30  # bytes of a file's header in a ZIP archive, before its name

Arrays = dict[str, NDArray[Any]]


def first_array_apart(run: Path, again: Path) -> Difference | None:
    """Return where model.npz of two run directories first differs; None if it does not.

    A number whose bits were changed on the disk no longer fits the checksum of its array. It is
    found all the same. Where every number is the same, the other bytes of the file must be, too.

    Args:
        run: the run.
        again: its rerun, whose file is taken to be whole.

    Raises:
        DataError: a file is missing, or so damaged that its arrays cannot be read.
    """
    now = SavedRun(again).weights()
    most = sum(array.nbytes for array in now.values())
    try:
        was = SavedRun(run).weights(most)
    except DataError as error:
        was = _unchecked(run / NAME, most + HEADERS, now, error)
    pairs = map(_apart, now, was.values(), now.values())
    return _names_apart(was, now) or next(filter(None, pairs), None) or _rest_apart(run, again)


def _rest_apart(run: Path, again: Path) -> Difference | None:
    """Return the difference of two files with the same arrays; None if they have the same bytes.

    A file that is written again has the same bytes everywhere.
    """
    was, now = (inputs.digest(path / NAME) for path in (run, again))
    if was == now:
        return None
    more = "bytes outside the arrays differ; every number is the same"
    return Difference(NAME, "its SHA-256", was[:SHORT], now[:SHORT], more)


def _names_apart(was: Arrays, now: Arrays) -> Difference | None:
    if list(was) == list(now):
        return None
    return Difference(NAME, "the list of arrays", listed(list(was)) or MISSING, listed(list(now)))


def _apart(name: str, was: NDArray[Any], now: NDArray[Any]) -> Difference | None:
    """Return the first number of an array that differs; None if none does."""
    kind, kind_now = (f"{array.dtype} {array.shape}" for array in (was, now))
    if kind != kind_now:
        return Difference(NAME, name, kind, kind_now)
    if was.tobytes() == now.tobytes():
        return None
    one, other = (np.frombuffer(a.tobytes(), np.uint8).reshape(a.size, -1) for a in (was, now))
    places = np.flatnonzero((one != other).any(axis=1))
    index = [int(at) for at in np.unravel_index(places[0], was.shape)]
    value, value_now = (str(array[tuple(index)].item()) for array in (was, now))
    others = f"{len(places):,} of {was.size:,} numbers differ" if len(places) > 1 else ""
    counted = "indices count from 1" * bool(index)
    more = ", ".join(filter(None, [apart(value, value_now), others, counted]))
    return Difference(NAME, entry(name, index), value, value_now, more)


def _unchecked(path: Path, most: int, now: Arrays, fault: DataError) -> Arrays:
    """Return the arrays as they stand in the file, without a look at their checksums.

    Where the header of an array is damaged, its numbers can be known by those of the rerun, `now`.

    Source: PKWARE, APPNOTE.TXT, the .ZIP file format, section 4.3.7.

    A compressed array is no array there; `numpy.savez` compresses none.

    Raises:
        DataError: `fault`, if that is not possible.
    """
    found = {}
    try:
        with inputs.open_plain(path) as file, zipfile.ZipFile(file) as archive:
            inputs.check_size(file, most, "this model.npz")
            for entry in archive.infolist():
                file.seek(entry.header_offset)
                name, extra = struct.unpack("<HH", file.read(LOCAL_HEADER)[26:])
                file.seek(name + extra, 1)
                raw, of = file.read(entry.file_size), entry.filename.removesuffix(".npy")
                try:
                    found[of] = np.lib.format.read_array(BytesIO(raw), allow_pickle=False)
                except ValueError:
                    if not raw.endswith(now[of].tobytes()):
                        raise
                    found[of] = now[of]
    except Exception:  # noqa: BLE001 - a damaged file can fail in any way
        raise fault from None
    return found
