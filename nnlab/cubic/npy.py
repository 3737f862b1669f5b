"""Read one array of numbers in NumPy's .npy format, and believe its header only so far.

The header tells type and shape; both are judged before memory is asked for. What follows the array
is a fault, as what it lacks is.

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
HEADER_BYTES = 65_535  # the most; a header has hundreds
NUMBER_BYTES = 16  # the most of one number
MOST_HEAD = 12 + HEADER_BYTES  # before the numbers
PICKLE = "it holds Python objects (a pickle), which are never loaded"

_WIDTHS = {b"\1\0": "<H", b"\2\0": "<I"}  # of the header's length, by version
_CHUNK = 1 << 20  # bytes


class Header(NamedTuple):
    """What an .npy file says of its array, and the bytes in which it says so."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    by_columns: bool
    raw: bytes

    @property
    def nbytes(self) -> int:
        """The bytes of the array."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=object))


def read_header(stream: IO[bytes]) -> Header:
    """Read the header of an array of numbers, of any shape.

    Raises:
        ValueError: it is not such a header; OSError and the like of the stream.
    """
    start = stream.read(8)
    width = _WIDTHS.get(start[6:])
    if not start.startswith(MAGIC) or not width:
        raise ValueError("it does not begin as numpy.save begins an array of numbers")
    size = stream.read(struct.calcsize(width))
    (length,) = struct.unpack(width, size.ljust(struct.calcsize(width), b"\0"))
    if length > HEADER_BYTES:
        raise ValueError(f"its header has {length:,} bytes, more than {HEADER_BYTES:,}")
    text = stream.read(length)
    read = npy.read_array_header_1_0 if width == "<H" else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a header as Python 2 wrote it, which is as good
        try:
            shape, by_columns, dtype = read(BytesIO(size + text), max_header_size=HEADER_BYTES)
        except (MemoryError, RecursionError):  # Python's parser, of what is nested a thousand deep
            raise ValueError("it is damaged (its header is nested too deeply)") from None
    if dtype.hasobject:
        raise ValueError(PICKLE)
    if dtype.kind not in "fiu":
        raise ValueError(f"it holds {dtype}, not numbers")
    return Header(shape, dtype, by_columns, start + size + text)


def read_numbers(stream: IO[bytes], header: Header) -> Array:
    """Read the array behind `header`, whose shape the caller has judged.

    Raises:
        ValueError: the stream has fewer or more bytes; OSError and the like of the stream.
    """
    array = np.empty(header.nbytes // header.dtype.itemsize, header.dtype)
    view = memoryview(array.view(np.uint8))  # type: ignore[arg-type]
    done = 0
    while done < len(view):
        part = stream.read(min(_CHUNK, len(view) - done))
        if not part:
            raise ValueError(f"it ends after {done:,} of its {len(view):,} bytes of numbers")
        view[done : done + len(part)] = part
        done += len(part)
    if stream.read(1):  # an archive compares its checksum here
        raise ValueError("it goes on after its array; nnlab reads one array a file")
    return array.reshape(header.shape, order="F" if header.by_columns else "C")
