"""Read one IDX file, the format of MNIST and Fashion-MNIST, and trust nothing that it says.

    00 00 08 k        two zeros, the type (08: unsigned byte), the number of dimensions k
    k times uint32    the dimensions, big-endian; the first is the number of items
    the items         row by row, one byte each

Source: "The IDX file format", on Yann LeCun's page "The MNIST database of handwritten digits",
http://yann.lecun.com/exdb/mnist/
"""

import gzip
import hashlib
import lzma
import math
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.errors import DataError
from nnlab.text import printable

IMAGE = (28, 28)  # rows, columns in pixels
LABEL = ()  # a label is one byte
CLASS_COUNT = 10
MOST_ITEMS = 60_000
FETCH_AGAIN = "Fetch it again: nnlab data fetch"

_CHUNK = 1 << 20  # bytes decompressed and hashed at a time


class Idx(NamedTuple):
    """What an IDX file holds, and the SHA-256 (hexadecimal) of its decompressed bytes."""

    array: NDArray[np.uint8]  # (n, 28, 28) or (n,)
    sha256: str


def read_idx(
    path: Path, item: tuple[int, ...], *, called: str | None = None, advice: str = FETCH_AGAIN
) -> Idx:
    """Read the IDX file at `path`, packed by gzip or xz, or plain: its first bytes tell.

    No more is decompressed than the header allows, and no header is believed that asks for more
    than 60,000 items: neither a compression bomb nor a lying header costs memory.

    Args:
        path: The file.
        item: The shape of one item: `IMAGE`, or `LABEL` (whose values must be 0 to 9).
        called: What an error calls the file, when that is not its path.
        advice: The last sentence of an error: what to do.

    Returns:
        The items, (n, *item) uint8 with 1 <= n <= 60,000, and their file's digest.

    Raises:
        DataError: the file cannot be read, is damaged, or is not such an IDX file.
    """
    try:
        with _decompressed(path) as stream:
            return _parse(stream, item)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as fault:
        what = (fault.strerror if isinstance(fault, OSError) else None) or fault
        raise DataError(f"{called or printable(path)}: {what}. {advice}".rstrip()) from fault


def _decompressed(path: Path) -> BufferedIOBase:
    """Open `path` to read what is packed in it."""
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if start == b"\xfd7zXZ\0":
        return lzma.open(path)
    return path.open("rb")


def _parse(stream: BufferedIOBase, item: tuple[int, ...]) -> Idx:
    """Read header, items and end; a fault is a ValueError with what was found and expected."""
    dims = 1 + len(item)
    magic = bytes((0, 0, 8, dims))
    header = stream.read(4 + 4 * dims)
    if len(header) < 4 + 4 * dims:
        raise ValueError(f"ends after {len(header)} bytes, within the header of an IDX file")
    if not header.startswith(magic):
        found = f"begins with the bytes {header[:4].hex(' ')}"
        raise ValueError(f"{found}, not {magic.hex(' ')}: no IDX file of {_items(item)}")
    count, *found_item = struct.unpack(f">{dims}I", header[4:])
    if tuple(found_item) != item:
        raise ValueError(f"holds items of shape {tuple(found_item)}, not {item}")
    if not 1 <= count <= MOST_ITEMS:
        raise ValueError(f"claims {count} {_items(item)}, not 1 to {MOST_ITEMS}")

    digest = hashlib.sha256(header)
    flat = np.empty(count * math.prod(item), np.uint8)
    view = flat.data
    done = 0
    while done < len(view):
        got = stream.readinto(view[done : done + _CHUNK])
        if not got:
            raise ValueError(f"ends after {done} of the {len(view)} bytes its header announces")
        digest.update(view[done : done + got])
        done += got
    if stream.read(1):  # at its end gzip also compares its checksum
        raise ValueError(f"goes on after its {count} {_items(item)}")
    if item == LABEL and flat.max() >= CLASS_COUNT:
        raise ValueError(f"holds the label {flat.max()}; the labels are 0 to {CLASS_COUNT - 1}")
    return Idx(flat.reshape(count, *item), digest.hexdigest())


def _items(item: tuple[int, ...]) -> str:
    return "labels" if item == LABEL else "images"
