"""What a user gives a run to start from: parameters (.npz) and points (.npy).

Such a file may come from anyone: it is checked before it is believed, and nothing is unpickled.
"""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from nnlab.cubic.network import Array, Parameters, shapes
from nnlab.errors import UsageError
from nnlab.text import printable

# The other ways to write a vector: n x 1 and 1 x n as in the equations, or bare.
ALSO = {"W1": "({n},)", "b1": "({n}, 1)", "b2": "({n}, 1)", "W3": "({n},)", "b3": "() (1, 1)"}
HEAD_BYTES, NUMBER_BYTES = 20_000, 16  # the most that an .npy file has before, and for, a number


def read_parameters(path: Path, hidden: int, dtype: str = "float64") -> Parameters:
    """Return the parameters W1 b1 W2 b2 W3 b3 of the .npz file at `path`, as `dtype`.

    Raises:
        UsageError: it cannot be read, or one is missing, misshapen, not numbers or not finite.
    """
    where, wanted = f"init_from: {printable(path)}", "keys W1 b1 W2 b2 W3 b3 (numpy.savez)"
    arrays = _load(where, path, wanted)
    if not isinstance(arrays, NpzFile):
        raise UsageError(f"{where} is a single array; it takes an .npz file with {wanted}")
    missing = [name for name in shapes(hidden) if name not in arrays.files]
    if missing:
        has = printable(", ".join(arrays.files[:20])) or "nothing"
        raise UsageError(f"{where} has no {', '.join(missing)}; it has {has}, it takes {wanted}")
    return {name: _parameter(where, arrays, name, hidden, dtype) for name in shapes(hidden)}


def read_points(path: Path) -> Array:
    """Return the points x of the .npy file at `path`, as float64, (points,).

    Raises:
        UsageError: it cannot be read, or is empty, not finite, or not one-dimensional.
    """
    where, wanted = f"points: {printable(path)}", "a one-dimensional array of numbers (numpy.save)"
    x = _load(where, path, wanted)
    if isinstance(x, NpzFile):
        raise UsageError(f"{where} is an .npz archive; it takes {wanted}")
    if x.ndim != 1 or not x.size:
        raise UsageError(f"{where} has shape {x.shape}; it takes {wanted}, at least one")
    return _numbers(where, x, "float64")


def digest(path: Path) -> str:
    """Return the SHA-256 of the file at `path`; raises UsageError if it cannot be read."""
    return hashlib.sha256(_bytes(printable(path), path)).hexdigest()


def _parameter(where: str, arrays: NpzFile, name: str, hidden: int, dtype: str) -> Array:
    """Return one parameter, in the shape that the network has it."""
    shape = shapes(hidden)[name]
    where, takes = f"{where}: {name}", f"at --hidden {hidden} it takes {shape}"
    assert arrays.zip is not None  # noqa: S101 - it is open
    declared = {entry.filename: entry.file_size for entry in arrays.zip.infolist()}
    size = declared.get(f"{name}.npy", 0)
    if size > HEAD_BYTES + NUMBER_BYTES * int(np.prod(shape)):  # perhaps more than any memory
        raise UsageError(f"{where} has {size:,} bytes, too many: {takes}")
    try:
        array = arrays[name]
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where} cannot be read: {_why(error)}") from None
    if not isinstance(array, np.ndarray):
        raise UsageError(f"{where} is no array of numpy.savez")
    also = ALSO.get(name, "").format(n=hidden)
    if array.shape != shape and str(array.shape) not in also:
        raise UsageError(f"{where} has shape {array.shape}; {takes}")
    return _numbers(where, array, dtype).reshape(shape)


@np.errstate(over="ignore")
def _numbers(where: str, array: Array, dtype: str) -> Array:
    """Return `array` as `dtype` if it holds numbers that are finite as such."""
    if array.dtype.kind not in "fiu":
        raise UsageError(f"{where} holds {array.dtype}, not numbers")
    numbers = array.astype(dtype, order="C")
    finite = np.isfinite(numbers)
    if not finite.all():
        at = np.unravel_index(np.argmin(finite), array.shape)
        index = ", ".join(map(str, at))
        raise UsageError(f"{where}[{index}] is {array[at]}; {dtype} takes finite numbers only")
    return numbers


def _load(where: str, path: Path, wanted: str) -> Any:  # noqa: ANN401 - an array or an NpzFile
    raw = _bytes(where, path)
    if not raw.startswith((b"PK", b"\x93NUMPY")):
        pickled = " but Python objects (a pickle), which are never loaded" * (raw[:1] == b"\x80")
        raise UsageError(f"{where} is no array file of NumPy{pickled}; it takes {wanted}")
    try:
        return np.load(io.BytesIO(raw), allow_pickle=False)
    except Exception as error:  # noqa: BLE001 - what is wrong with a file can be anything
        raise UsageError(f"{where}: {_why(error)}; it takes {wanted}") from None


def _bytes(where: str, path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{where} is no plain file")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # the latter of a path that is none
        raise UsageError(f"{where}: {getattr(error, 'strerror', None) or error}") from None


def _why(error: Exception) -> str:
    """Return NumPy's reason without its advice to unpickle what one trusts."""
    if "pickle" in str(error):
        return "it holds Python objects (a pickle), which are never loaded"
    return f"it is damaged ({printable(str(error) or type(error).__name__)})"
