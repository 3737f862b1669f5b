"""Read one IDX file, the format of MNIST and Fashion-MNIST, without trust in its header.

    00 00 t k         two zeros, the type t (08: unsigned byte, 0c: int32), the number of dimensions
    k times uint32    the dimensions, big-endian; the first is the number of items
    the items         row by row, big-endian

Source: "The IDX file format", on Yann LeCun's page "The MNIST database of handwritten digits",
http://yann.lecun.com/exdb/mnist/
"""

import hashlib
import lzma
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.fashion.dataset.unpack import most_packed, unpack
from nnlab.text import printable

CLASS_COUNT = 10
MOST_ITEMS = 60_000
BYTE, INT = 0x08, 0x0C  # types
FETCH_AGAIN = "Fetch it again: nnlab data fetch"

_TYPES: dict[int, np.dtype[Any]] = {BYTE: np.dtype(">u1"), INT: np.dtype(">i4")}
_MOST_DIMS = 3
_MOST_HEAD = 4 + 4 * _MOST_DIMS  # bytes
_ENOUGH = 1 << 16  # bytes of a compressed file that hold the first _MOST_HEAD bytes of its content


class Items(NamedTuple):
    """What an IDX file should hold.

    Attributes:
        name: What the items are, for error messages.
        shape: The shape of one item; () for a number.
        most: The largest number of items.
        type: The type of the values.
        below: Each value must be less than this; None: any value.
    """

    name: str
    shape: tuple[int, ...]
    most: int = MOST_ITEMS
    type: int = BYTE
    below: int | None = None

    @property
    def magic(self) -> bytes:
        """The first bytes of the file."""
        return bytes((0, 0, self.type, 1 + len(self.shape)))

    @property
    def item_bytes(self) -> int:
        """The size of one item, in bytes."""
        return math.prod(self.shape) * _TYPES[self.type].itemsize


IMAGE = Items("images", (28, 28))  # rows, columns in pixels
LABEL = Items("labels", (), below=CLASS_COUNT)


class Idx(NamedTuple):
    """The array of an IDX file, and the SHA-256 (hexadecimal) of its decompressed bytes."""

    array: NDArray[Any]  # (n, *shape), read-only
    sha256: str


class Header(NamedTuple):
    """The header of an IDX file: the type of its values, and its dimensions."""

    type: int
    shape: tuple[int, ...]


_Read = TypeVar("_Read")


def read_idx(
    path: Path, items: Items, *, called: str | None = None, advice: str = FETCH_AGAIN
) -> Idx:
    """Read the IDX file at `path`; its first bytes tell whether gzip or xz has compressed it.

    At most the size of `items.most` items is read and decompressed, so that neither a compression
    bomb nor a false header can fill the memory.

    Args:
        path: The file.
        items: What it should hold: `IMAGE`, `LABEL`, or others.
        called: The name of the file in an error message; None: its path.
        advice: The last sentence of an error message: what to do.

    Returns:
        The items, (n, *shape) with 1 <= n <= `items.most`, and the digest of the file.

    Raises:
        DataError: the file cannot be read, is damaged, or is not an IDX file of such items.
    """
    most = len(items.magic) + 4 * items.magic[3] + items.most * items.item_bytes

    def read() -> Idx:
        raw = inputs.read(path, most_packed(most), f"an IDX file of {items.name}")
        return _parse(unpack(raw, most), items)

    return _checked(read, called or printable(path), advice)


def read_header(path: Path, *, advice: str) -> Header:
    """Read only the header of the IDX file at `path`; see `read_idx`."""

    def read() -> Header:
        with inputs.open_plain(path) as file:
            raw = unpack(file.read(_ENOUGH), _MOST_HEAD)
        if not raw.startswith(b"\0\0") or len(raw) < len(IMAGE.magic):
            raise ValueError(f"begins with the bytes {raw[:4].hex(' ')}: not an IDX file")
        type_, dims = raw[2:4]
        if type_ not in _TYPES or not 1 <= dims <= _MOST_DIMS:
            raise ValueError(
                f"holds values of type {type_:#04x} in {dims} dimensions; nnlab reads bytes (0x08) "
                f"and, for labels, int32 (0x0c), in at most {_MOST_DIMS}"
            )
        if len(raw) < 4 + 4 * dims:
            raise ValueError(_cut(raw))
        return Header(type_, struct.unpack_from(f">{dims}I", raw, 4))

    return _checked(read, printable(path), advice)


def _checked(read: Callable[[], _Read], called: str, advice: str) -> _Read:
    """Return `read()`; raise DataError where it fails, with the file's name and the advice."""
    try:
        return read()
    except (OSError, zlib.error, lzma.LZMAError, ValueError) as fault:
        what = (fault.strerror if isinstance(fault, OSError) else None) or fault
        raise DataError(f"{called}: {what}. {advice}".rstrip()) from fault


def _parse(raw: bytes, items: Items) -> Idx:
    """Parse the header and the items; raise ValueError with what was found and expected."""
    dims = items.magic[3]
    head = 4 + 4 * dims
    if len(raw) < head:
        raise ValueError(_cut(raw))
    if not raw.startswith(items.magic):
        found = f"begins with the bytes {raw[:4].hex(' ')}"
        raise ValueError(f"{found}, not {items.magic.hex(' ')}: not an IDX file of {items.name}")
    count, *found_shape = struct.unpack(f">{dims}I", raw[4:head])
    if tuple(found_shape) != items.shape:
        raise ValueError(f"holds items of shape {tuple(found_shape)}, not {items.shape}")
    if not 1 <= count <= items.most:
        raise ValueError(f"claims {count} {items.name}, not 1 to {items.most}")
    found_bytes, announced = len(raw) - head, count * items.item_bytes
    if found_bytes < announced:
        raise ValueError(f"ends after {found_bytes} of the {announced} bytes its header announces")
    if found_bytes > announced:
        raise ValueError(f"has more bytes after its {count} {items.name}")
    flat = np.frombuffer(raw, _TYPES[items.type], offset=head)
    if items.below is not None and flat.max() >= items.below:
        raise ValueError(f"holds the label {flat.max()}; the labels are 0 to {items.below - 1}")
    return Idx(flat.reshape(count, *items.shape), hashlib.sha256(raw).hexdigest())


def _cut(raw: bytes) -> str:
    return f"ends after {len(raw)} bytes, within the header of an IDX file"
