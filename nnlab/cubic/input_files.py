"""What a user gives a run to start from: parameters (.npz) and points (.npy).

Such a file may come from anyone: it is checked before it is believed, and nothing is unpickled.
"""

import zipfile
from collections.abc import Callable
from io import BufferedReader
from math import prod
from pathlib import Path
from typing import TypeVar

import numpy as np

from nnlab import inputs
from nnlab.cubic import npy
from nnlab.cubic.network import Array, Parameters, shapes
from nnlab.errors import UsageError
from nnlab.text import printable

# The other ways to write a vector: n x 1 and 1 x n as in the equations, or bare.
ALSO = {"W1": "({n},)", "b1": "({n}, 1)", "b2": "({n}, 1)", "W3": "({n},)", "b3": "() (1, 1)"}
POINTS, PARAMETERS = "a one-dimensional array of numbers (numpy.save)", "keys W1 b1 W2 b2 W3 b3"
MOST_POINTS = 100_000_000
OTHERS_BYTES = 1 << 20  # of an .npz file beside its parameters: names, places, other arrays

_Read = TypeVar("_Read")


def read_parameters(path: Path, hidden: int, dtype: str = "float64") -> Parameters:
    """Return the parameters W1 b1 W2 b2 W3 b3 of the .npz file at `path`, as `dtype`.

    Raises:
        UsageError: it cannot be read, or one is missing, misshapen, not numbers or not finite.
    """
    where = f"init_from: {printable(path)}"
    numbers = sum(map(prod, shapes(hidden).values()))
    most = npy.NUMBER_BYTES * numbers + len(shapes(hidden)) * npy.MOST_HEAD + OTHERS_BYTES

    def read(file: BufferedReader) -> Parameters:
        inputs.check_size(file, most, f"the parameters at --hidden {hidden}")
        _refuse_start(file, b"PK", npy.MAGIC, "is a single array; it takes an .npz file with")
        with zipfile.ZipFile(file) as archive:
            entries = {e.filename.removesuffix(".npy"): e for e in archive.infolist()}
            if missing := [name for name in shapes(hidden) if name not in entries]:
                has = printable(", ".join(list(entries)[:20])) or "nothing"
                raise _RefusedError(f"has no {', '.join(missing)}; it has {has}, it takes")
            return {
                name: _parameter(f"{where}: {name}", archive, entries[name], name, hidden, dtype)
                for name in shapes(hidden)
            }

    return _reading(where, path, f"{PARAMETERS} (numpy.savez)", read)


def read_points(path: Path) -> Array:
    """Return the points x of the .npy file at `path`, as float64, (points,).

    Raises:
        UsageError: it cannot be read, or is empty, not finite, or not one-dimensional.
    """
    where = f"points: {printable(path)}"

    def read(file: BufferedReader) -> Array:
        return _numbers(where, npy.read_numbers(file, _points_header(file)), "float64")

    return _reading(where, path, POINTS, read)


def count_points(path: Path) -> int:
    """Return how many points the file at `path` says that it has; see `read_points`."""
    where = f"points: {printable(path)}"
    return _reading(where, path, POINTS, lambda file: _points_header(file).shape[0])


def digest(path: Path) -> str:
    """Return the SHA-256 of the file at `path`; raises UsageError if it cannot be read."""
    try:
        return inputs.digest(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{printable(path)}: {why}") from None


class _RefusedError(Exception):
    """What is wrong with a file, before what it takes."""


def _reading(where: str, path: Path, wanted: str, read: Callable[[BufferedReader], _Read]) -> _Read:
    """Return what `read` makes of the file at `path`; UsageError where it cannot."""
    try:
        with inputs.open_plain(path) as file:
            return read(file)
    except _RefusedError as why:
        raise UsageError(f"{where} {why} {wanted}") from None
    except (UsageError, MemoryError):
        raise
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where}: {_why(error)}; it takes {wanted}") from None


def _refuse_start(file: BufferedReader, right: bytes, other: bytes, other_is: str) -> None:
    """Refuse a file that does not start as `right` does; leave it at its start."""
    start = file.read(len(npy.MAGIC))
    file.seek(0)
    if start.startswith(other):
        raise _RefusedError(other_is)
    if not start.startswith(right):
        pickled = " but Python objects (a pickle), which are never loaded" * (start[:1] == b"\x80")
        raise _RefusedError(f"is not an array file of NumPy{pickled}; it takes")


def _points_header(file: BufferedReader) -> npy.Header:
    """Read the header of a file of points; refuse one whose points cannot be so many."""
    _refuse_start(file, npy.MAGIC, b"PK", "is an .npz archive; it takes")
    header = npy.read_header(file)
    shape = header.shape
    if len(shape) != 1 or shape[0] < 1:
        raise _RefusedError(f"has shape {shape}; it takes, at least one point,")
    if shape[0] > MOST_POINTS:
        raise _RefusedError(f"has {shape[0]:,} points, more than {MOST_POINTS:,}; it takes")
    size = inputs.check_size(file, npy.MOST_HEAD + npy.NUMBER_BYTES * MOST_POINTS, "points")
    expected = len(header.raw) + header.nbytes
    if size != expected:
        how = "goes on after its array: it" if size > expected else "is damaged (cut short): it"
        raise _RefusedError(f"{how} has {size:,} bytes, not {expected:,}; it takes")
    return header


def _parameter(
    where: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, hidden: int, dtype: str
) -> Array:
    """Return one parameter, in the shape that the network has it."""
    shape = shapes(hidden)[name]
    takes = f"at --hidden {hidden} it takes {shape}"
    if entry.file_size > npy.MOST_HEAD + npy.NUMBER_BYTES * prod(shape):
        raise UsageError(f"{where} has {entry.file_size:,} bytes, too many: {takes}")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # others: no limit
        raise UsageError(f"{where} is packed in a way in which numpy.savez packs nothing")
    try:
        with archive.open(entry) as stream:
            header = npy.read_header(stream)
            also = ALSO.get(name, "").format(n=hidden)
            right = header.shape == shape or str(header.shape) in also
            array = npy.read_numbers(stream, header) if right else None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where}: {_why(error)}; {takes}") from None
    if array is None:
        raise UsageError(f"{where} has shape {header.shape}; {takes}")
    return _numbers(where, array, dtype).reshape(shape)


@np.errstate(over="ignore")
def _numbers(where: str, array: Array, dtype: str) -> Array:
    """Return `array` as `dtype` if it holds numbers that are finite as such."""
    numbers = array.astype(dtype, order="C")
    finite = np.isfinite(numbers)
    if not finite.all():
        at = np.unravel_index(np.argmin(finite), array.shape)
        index = ", ".join(map(str, at))
        raise UsageError(f"{where}[{index}] is {array[at]}; {dtype} takes finite numbers only")
    return numbers


def _why(error: Exception) -> str:
    """Return what is wrong, in the words of who found it."""
    said = printable(str(error) or type(error).__name__)
    return said if type(error) is ValueError else f"it is damaged ({said})"
