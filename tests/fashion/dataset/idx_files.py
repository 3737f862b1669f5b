"""Write IDX files for tests, as their format says, without nnlab's code."""

import gzip
import lzma
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

PACK: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda raw: gzip.compress(raw, mtime=0),
    ".xz": lzma.compress,
    "": bytes,
}
NAMES = {
    "train-images": "train-images-idx3-ubyte",
    "train-labels": "train-labels-idx1-ubyte",
    "test-images": "t10k-images-idx3-ubyte",
    "test-labels": "t10k-labels-idx1-ubyte",
}


def idx(array: np.ndarray, type_: int = 8) -> bytes:
    """Return the bytes of an IDX file; type 8 is bytes, type 12 is int32."""
    head = struct.pack(f">4B{array.ndim}I", 0, 0, type_, array.ndim, *array.shape)
    return head + array.astype({8: ">u1", 12: ">i4"}[type_]).tobytes()


def small(labels: int = 4, side: int = 8, images: int = 40) -> dict[str, np.ndarray]:
    """Return four arrays with random pixels, and the labels 0, 1, ... in turn."""
    rng = np.random.default_rng(0)
    parts = {}
    for part, count in (("train", images), ("test", images // 2)):
        parts[f"{part}-images"] = rng.integers(0, 256, (count, side, side), np.uint8)
        parts[f"{part}-labels"] = np.arange(count) % labels
    return parts


def put(folder: Path, arrays: Mapping[str, np.ndarray], ending: str = ".gz") -> Path:
    """Write four arrays into `folder` under their usual names; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, array in arrays.items():
        (folder / f"{NAMES[part]}{ending}").write_bytes(PACK[ending](idx(array)))
    return folder
