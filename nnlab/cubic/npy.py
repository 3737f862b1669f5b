"""Read one array of numbers in NumPy's .npy format, from a file that may be damaged or malicious.

The header contains dtype and shape. Both are checked before memory is allocated. A file with too
few or too many bytes is refused.

Source: the .npy format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import struct
import warnings
from io import BytesIO
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy

from nnlab.cubic.network import Array

MAGIC = b"\x93NUMPY"
HEADER_BYTES = 65_535  # maximum; a usual header has about 100
NUMBER_BYTES = 16  # maximum size of one number
MOST_HEAD = 12 + HEADER_BYTES  # maximum bytes before the numbers
PICKLE = "it holds Python objects (a pickle), which nnlab never loads"

_WIDTHS = {b"\1\0": "<H", b"\2\0": "<I"}  # struct format of the header's length, by version
_CHUNK = 1 << 20  # bytes


class Header(NamedTuple):
    """The header of an .npy file; `raw` holds its bytes, including the magic bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    by_columns: bool
    raw: bytes

    @property
    def nbytes(self) -> int:
        """Size of the array in bytes."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=object))


def read_header(stream: IO[bytes]) -> Header:
    """Read the header of an array of numbers, of any shape.

    Raises:
        ValueError: it is not such a header. Errors of `stream` pass through.
    """
    start = stream.read(8)
    width = _WIDTHS.get(start[6:])
    if not start.startswith(MAGIC) or not width:
        raise ValueError("it is not an array saved with numpy.save")
    size = stream.read(struct.calcsize(width))
    (length,) = struct.unpack(width, size.ljust(struct.calcsize(width), b"\0"))
    if length > HEADER_BYTES:
        raise ValueError(f"its header has {length:,} bytes; the maximum is {HEADER_BYTES:,}")
    text = stream.read(length)
    read = npy.read_array_header_1_0 if width == "<H" else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # NumPy warns about headers written by Python 2; they are fine
        try:
            shape, by_columns, dtype = read(BytesIO(size + text), max_header_size=HEADER_BYTES)
        except (MemoryError, RecursionError):  # from Python's parser, for deep nesting
            raise ValueError("it is damaged (its header is nested too deeply)") from None
    if dtype.hasobject:
        raise ValueError(PICKLE)
    if dtype.kind not in "fiu":
        raise ValueError(f"it holds {dtype}, not numbers")
    return Header(shape, dtype, by_columns, start + size + text)


def read_numbers(stream: IO[bytes], header: Header) -> Array:
    """Read the array after `header`. The caller must have checked the shape.

    Raises:
        ValueError: the stream has too few or too many bytes. Errors of `stream` pass through.
    """
    array = np.empty(header.nbytes // header.dtype.itemsize, header.dtype)
    view = memoryview(array.view(np.uint8))  # type: ignore[arg-type]
    done = 0
    while done < len(view):
        part = stream.read(min(_CHUNK, len(view) - done))
        if not part:
            raise ValueError(f"it is damaged (it has {done:,} of {len(view):,} bytes of numbers)")
        view[done : done + len(part)] = part
        done += len(part)
    if stream.read(1):  # reading to the end also makes a zip archive check its checksum
        raise ValueError("it has data after its array; nnlab reads one array per file")
    return array.reshape(header.shape, order="F" if header.by_columns else "C")
