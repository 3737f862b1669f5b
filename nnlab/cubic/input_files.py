"""Read the input files of a run: initial parameters (.npz) and training points (.npy).

Such a file can come from anyone. So everything in it is checked, and nothing is unpickled.
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

# Other shapes that are accepted for a vector: n x 1 and 1 x n as in the equations, or only n.
ALSO = {"W1": "({n},)", "b1": "({n}, 1)", "b2": "({n}, 1)", "W3": "({n},)", "b3": "() (1, 1)"}
POINTS = "a one-dimensional array with at least one number (.npy, from numpy.save)"
PARAMETERS = "an .npz file (from numpy.savez) with the keys W1 b1 W2 b2 W3 b3"
MOST_POINTS = 100_000_000
OTHERS_BYTES = 1 << 20  # allowed in an .npz file in addition to the parameters: names, other arrays

_Read = TypeVar("_Read")


def read_parameters(path: Path, hidden: int, dtype: str = "float64") -> Parameters:
    """Return the parameters W1 b1 W2 b2 W3 b3 of the .npz file at `path`, as `dtype`.

    Raises:
        UsageError: the file cannot be read; or a parameter is missing, has a wrong shape, or does
            not hold finite numbers.
    """
    where = f"init_from: {printable(path)}"
    numbers = sum(map(prod, shapes(hidden).values()))
    most = npy.NUMBER_BYTES * numbers + len(shapes(hidden)) * npy.MOST_HEAD + OTHERS_BYTES

    def read(file: BufferedReader) -> Parameters:
        inputs.check_size(file, most, f"the parameters for hidden {hidden}")
        _check_format(file, b"PK", npy.MAGIC, "is a single array")
        with zipfile.ZipFile(file) as archive:
            entries = {e.filename.removesuffix(".npy"): e for e in archive.infolist()}
            if missing := [name for name in shapes(hidden) if name not in entries]:
                has = printable(", ".join(list(entries)[:20])) or "nothing"
                raise _RefusedError(f"has no {', '.join(missing)} (it has {has})")
            return {
                name: _parameter(f"{where}: {name}", archive, entries[name], name, hidden, dtype)
                for name in shapes(hidden)
            }

    return _read_file(where, path, PARAMETERS, read)


def read_points(path: Path) -> Array:
    """Return the points x of the .npy file at `path`, as float64, (points,).

    Raises:
        UsageError: the file cannot be read; or it is not a one-dimensional array of finite
            numbers, or the array is empty.
    """
    where = f"points: {printable(path)}"

    def read(file: BufferedReader) -> Array:
        return _numbers(where, npy.read_numbers(file, _points_header(file)), "float64")

    return _read_file(where, path, POINTS, read)


def count_points(path: Path) -> int:
    """Return the number of points in the header of the file at `path`; see `read_points`."""
    where = f"points: {printable(path)}"
    return _read_file(where, path, POINTS, lambda file: _points_header(file).shape[0])


def digest(path: Path) -> str:
    """Return the SHA-256 of the file at `path`; raise UsageError if it cannot be read."""
    try:
        return inputs.digest(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{printable(path)}: {why}") from None


class _RefusedError(Exception):
    """What is wrong with a file; `_read_file` adds its name and what was expected."""


def _read_file(
    where: str, path: Path, expected: str, read: Callable[[BufferedReader], _Read]
) -> _Read:
    """Open the file at `path` and return `read(file)`; turn errors into one UsageError."""
    try:
        with inputs.open_plain(path) as file:
            return read(file)
    except _RefusedError as why:
        raise UsageError(f"{where} {why}; expected {expected}") from None
    except (UsageError, MemoryError):
        raise
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where}: {_reason(error)}; expected {expected}") from None


def _check_format(file: BufferedReader, right: bytes, other: bytes, other_is: str) -> None:
    """Refuse a file that does not start with the bytes `right`; go back to its start.

    Args:
        file: the file, at its start.
        right: first bytes of the right format.
        other: first bytes of NumPy's other format.
        other_is: what to say of a file in the other format.
    """
    start = file.read(len(npy.MAGIC))
    file.seek(0)
    if start.startswith(other):
        raise _RefusedError(other_is)
    if not start.startswith(right):
        pickled = f": {npy.PICKLE}" if start[:1] == b"\x80" else ""
        raise _RefusedError(f"is not a NumPy file{pickled}")


def _points_header(file: BufferedReader) -> npy.Header:
    """Read the header of a file of points; check its shape and the size of the file."""
    _check_format(file, npy.MAGIC, b"PK", "is an .npz archive")
    header = npy.read_header(file)
    shape = header.shape
    if len(shape) != 1 or shape[0] < 1:
        raise _RefusedError(f"has shape {shape}")
    if shape[0] > MOST_POINTS:
        raise _RefusedError(f"has {shape[0]:,} points, more than the maximum of {MOST_POINTS:,}")
    size = inputs.check_size(file, npy.MOST_HEAD + npy.NUMBER_BYTES * MOST_POINTS, "points")
    expected = len(header.raw) + header.nbytes
    if size != expected:
        fault = "has data after its array" if size > expected else "is damaged (truncated)"
        raise _RefusedError(f"{fault}: it has {size:,} bytes, not {expected:,}")
    return header


def _parameter(
    where: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, hidden: int, dtype: str
) -> Array:
    """Return one parameter, in the network's shape."""
    shape = shapes(hidden)[name]
    expected = f"expected shape {shape} for hidden {hidden}"
    if entry.file_size > npy.MOST_HEAD + npy.NUMBER_BYTES * prod(shape):
        raise UsageError(f"{where} has {entry.file_size:,} bytes, too many; {expected}")
    # Refuse other compressions: zipfile does not limit how much memory they need.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise UsageError(
            f"{where} has a compression that numpy.savez does not use; save it with numpy.savez"
        )
    try:
        with archive.open(entry) as stream:
            header = npy.read_header(stream)
            also_right = ALSO.get(name, "").format(n=hidden)
            right = header.shape == shape or str(header.shape) in also_right
            array = npy.read_numbers(stream, header) if right else None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where}: {_reason(error)}; {expected}") from None
    if array is None:
        raise UsageError(f"{where} has shape {header.shape}; {expected}")
    return _numbers(where, array, dtype).reshape(shape)


@np.errstate(over="ignore")
def _numbers(where: str, array: Array, dtype: str) -> Array:
    """Convert `array` to `dtype`; raise UsageError if a number is not finite in `dtype`."""
    numbers = array.astype(dtype, order="C", copy=False)
    finite = np.isfinite(numbers)
    if not finite.all():
        at = np.unravel_index(np.argmin(finite), array.shape)
        index = ", ".join(map(str, at))
        raise UsageError(f"{where}[{index}] is {array[at]}, which is not a finite {dtype}")
    return numbers


def _reason(error: Exception) -> str:
    """Return the message of an error; ValueErrors are nnlab's own, others mean a damaged file."""
    said = printable(str(error) or type(error).__name__)
    return said if type(error) is ValueError else f"it is damaged ({said})"
