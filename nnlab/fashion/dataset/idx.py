"""Read one IDX file, the format of MNIST and Fashion-MNIST, without trust in its header.

    00 00 08 k        two zeros, the type (08: unsigned byte), the number of dimensions k
    k times uint32    the dimensions, big-endian; the first is the number of items
    the items         row by row, one byte each

Source: "The IDX file format", on Yann LeCun's page "The MNIST database of handwritten digits",
http://yann.lecun.com/exdb/mnist/
"""

import hashlib
import lzma
import math
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.fashion.dataset.unpack import most_packed, unpack
from nnlab.text import printable

IMAGE = (28, 28)  # rows, columns in pixels
LABEL = ()  # a label is one byte
CLASS_COUNT = 10
MOST_ITEMS = 60_000
FETCH_AGAIN = "Fetch it again: nnlab data fetch"


class Idx(NamedTuple):
    """The array of an IDX file, and the SHA-256 (hexadecimal) of its decompressed bytes."""

    array: NDArray[np.uint8]  # (n, 28, 28) or (n,), read-only
    sha256: str


def read_idx(
    path: Path, item: tuple[int, ...], *, called: str | None = None, advice: str = FETCH_AGAIN
) -> Idx:
    """Read the IDX file at `path`; its first bytes tell whether gzip or xz has compressed it.

    At most the size of 60,000 items is read and decompressed, so that neither a compression bomb
    nor a false header can fill the memory.

    Args:
        path: The file.
        item: The shape of one item: `IMAGE`, or `LABEL` (whose values must be 0 to 9).
        called: The name of the file in an error message; None: its path.
        advice: The last sentence of an error message: what to do.

    Returns:
        The items, (n, *item) uint8 with 1 <= n <= 60,000, and the digest of the file.

    Raises:
        DataError: the file cannot be read, is damaged, or is not an IDX file of such items.
    """
    dims = 1 + len(item)
    most = 4 + 4 * dims + MOST_ITEMS * math.prod(item)
    try:
        raw = inputs.read(path, most_packed(most), f"an IDX file of {_items(item)}")
        return _parse(unpack(raw, most), item)
    except (OSError, zlib.error, lzma.LZMAError, ValueError) as fault:
        what = (fault.strerror if isinstance(fault, OSError) else None) or fault
        raise DataError(f"{called or printable(path)}: {what}. {advice}".rstrip()) from fault


def _parse(raw: bytes, item: tuple[int, ...]) -> Idx:
    """Parse the header and the items; raise ValueError with what was found and expected."""
    dims = 1 + len(item)
    magic = bytes((0, 0, 8, dims))
    head = 4 + 4 * dims
    if len(raw) < head:
        raise ValueError(f"ends after {len(raw)} bytes, within the header of an IDX file")
    if not raw.startswith(magic):
        found = f"begins with the bytes {raw[:4].hex(' ')}"
        raise ValueError(f"{found}, not {magic.hex(' ')}: not an IDX file of {_items(item)}")
    count, *found_item = struct.unpack(f">{dims}I", raw[4:head])
    if tuple(found_item) != item:
        raise ValueError(f"holds items of shape {tuple(found_item)}, not {item}")
    if not 1 <= count <= MOST_ITEMS:
        raise ValueError(f"claims {count} {_items(item)}, not 1 to {MOST_ITEMS}")
    found_bytes, announced = len(raw) - head, count * math.prod(item)
    if found_bytes < announced:
        raise ValueError(f"ends after {found_bytes} of the {announced} bytes its header announces")
    if found_bytes > announced:
        raise ValueError(f"has more bytes after its {count} {_items(item)}")
    flat = np.frombuffer(raw, np.uint8, offset=head)
    if item == LABEL and flat.max() >= CLASS_COUNT:
        raise ValueError(f"holds the label {flat.max()}; the labels are 0 to {CLASS_COUNT - 1}")
    return Idx(flat.reshape(count, *item), hashlib.sha256(raw).hexdigest())


def _items(item: tuple[int, ...]) -> str:
    return "labels" if item == LABEL else "images"
