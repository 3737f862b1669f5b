"""Find and read four IDX files of Fashion-MNIST's kind: MNIST, KMNIST, EMNIST, one's own."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nnlab.errors import DataError
from nnlab.fashion.blocks import LEAST_SIDE, MOST_SIDE
from nnlab.fashion.dataset.idx import BYTE, INT, Header, Idx, Items, read_header, read_idx
from nnlab.fashion.dataset.nearby import why_missing
from nnlab.text import listed, printable

PARTS = {
    "train-images": "train-images-idx3-ubyte",
    "train-labels": "train-labels-idx1-ubyte",
    "test-images": "t10k-images-idx3-ubyte",
    "test-labels": "t10k-labels-idx1-ubyte",
}
"""Each part of the data -> the usual name of its file."""

MOST_ITEMS = 1_000_000
MOST_PIXELS = 1 << 30  # of one file; EMNIST's largest has 547 million
MOST_LABEL = 255
MOST_COLUMNS = 16  # of a row that begins with the label; QMNIST has 8

_NAME = re.compile(r"(?:.*-)?(train|t10k|test)-(?:.*-)?(images|labels)-idx\d(?:-[a-z]+)?")
_PACKINGS = (".gz", "", ".xz")  # as in `locate`: this is the order if there are several
_ADVICE = "docs/own-data.md says what the four files should be"


def read_own(
    folder: Path, *, say: Callable[[str], None], transpose: bool = False
) -> dict[str, Idx]:
    """Find and read the four files in `folder`.

    Args:
        folder: The folder.
        say: Called with one line about a file that is there in several packings.
        transpose: Whether the images are stored column by column, as those of EMNIST.

    Returns:
        Each of `PARTS`: images (n, side, side) uint8, labels (n,) from 0 to 255. The training and
        test images have the same side.

    Raises:
        DataError: a file is missing, damaged, or of another kind; two files could be the same part;
            or the files do not fit together.
    """
    paths = find_own(folder, say=say)
    read = {
        part: _labels(path) if part.endswith("labels") else _images(path, transpose=transpose)
        for part, path in paths.items()
    }
    for part in ("train", "test"):
        images, labels = (len(read[f"{part}-{kind}"].array) for kind in ("images", "labels"))
        if images != labels:
            names = [printable(paths[f"{part}-{kind}"].name) for kind in ("images", "labels")]
            raise DataError(
                f"{printable(folder)}: {names[0]} has {images:,} images, but {names[1]} has "
                f"{labels:,} labels; each image needs one"
            )
    train, test = (read[f"{part}-images"].array.shape[1] for part in ("train", "test"))
    if train != test:
        raise DataError(
            f"{printable(folder)}: the training images have {train} x {train} pixels, but the test "
            f"images {test} x {test}; they should have the same size"
        )
    return read


def find_own(folder: Path, *, say: Callable[[str], None]) -> dict[str, Path]:
    """Return the path of each of `PARTS` in `folder`; see `read_own` for `say`.

    Raises:
        DataError: a part is missing, or two files could be the same part.
    """
    files = _files(folder)
    if missing := [usual for part, usual in PARTS.items() if part not in files]:
        why = why_missing(folder, missing, lambda other: len(_files(other)) == len(PARTS))
        raise DataError(f"{printable(folder)}: {why}. {_ADVICE}")
    return {part: _one(folder, part, files[part], say) for part in PARTS}


class _File(NamedTuple):
    path: Path
    name: str  # without the packing
    packing: str  # one of _PACKINGS


def _files(folder: Path) -> Mapping[str, list[_File]]:
    """Return the files in `folder` whose names say which part they are; none if it is no folder."""
    found: dict[str, list[_File]] = {}
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return found
    for path in paths:
        packing = path.suffix.lower() if path.suffix.lower() in _PACKINGS else ""
        name = path.name[: len(path.name) - len(packing)]
        match = _NAME.fullmatch(re.sub(r"[^a-z0-9]+", "-", name.lower()))
        # Some archives unpack to a folder with the name of the file. macOS adds files like ._NAME.
        if match and not name.startswith(".") and not os.path.isdir(path):  # noqa: PTH112
            part = f"{'train' if match[1] == 'train' else 'test'}-{match[2]}"
            found.setdefault(part, []).append(_File(path, name, packing))
    return found


def _one(folder: Path, part: str, files: list[_File], say: Callable[[str], None]) -> Path:
    """Return the file of `part`: the only one, or the first of its packings."""
    if len({file.name for file in files}) > 1:
        names = listed([printable(file.path.name) for file in files], most=4)
        what = part.replace("-", " ")
        raise DataError(
            f"{printable(folder)}: {len(files)} files may be the {what}: {names}. "
            "Put the four files of one data set, or links to them, into a folder of their own"
        )
    first, *others = sorted(files, key=lambda file: _PACKINGS.index(file.packing))
    if others:
        names = listed([printable(file.path.name) for file in others])
        say(f"note: read {printable(first.path.name)}, not {names}")
    return first.path


def _images(path: Path, *, transpose: bool) -> Idx:
    """Read images, (n, side, side) uint8.

    Raises:
        DataError: as in `read_idx`, or the images are not square, too small, too large or too many.
    """
    header = read_header(path, advice=_ADVICE)
    _, *shape = header.shape
    if header.type != BYTE or len(shape) != 2:  # noqa: PLR2004 - rows and columns
        raise _refused(path, f"holds {_described(header)}, not gray images of one byte a pixel")
    rows, columns = shape
    if rows != columns or not LEAST_SIDE <= rows <= MOST_SIDE:
        raise _refused(
            path,
            f"holds images of {rows:,} x {columns:,} pixels; they should be square, with "
            f"{LEAST_SIDE} to {MOST_SIDE} pixels a side",
        )
    most = min(MOST_ITEMS, MOST_PIXELS // (rows * columns))
    idx = _read(path, Items("images", (rows, columns), _count(path, header, most)))
    return (
        idx._replace(array=np.ascontiguousarray(idx.array.transpose(0, 2, 1))) if transpose else idx
    )


def _labels(path: Path) -> Idx:
    """Read labels, (n,): bytes, int32, or as in QMNIST rows of int32 that begin with the label.

    Raises:
        DataError: as in `read_idx`, or a label is not 0 to 255.
    """
    header = read_header(path, advice=_ADVICE)
    _, *shape = header.shape
    if shape and (header.type != INT or len(shape) > 1 or not 1 <= shape[0] <= MOST_COLUMNS):
        raise _refused(path, f"holds {_described(header)}, not labels")
    count = _count(path, header, MOST_ITEMS)
    idx = _read(path, Items("labels", tuple(shape), count, header.type))
    labels = idx.array.reshape(count, -1)[:, 0]
    wrong = (labels < 0) | (labels > MOST_LABEL)
    if wrong.any():
        at = int(wrong.argmax())
        what = f"label {at:,} (from 0) is {labels[at]:,}; labels are 0 to {MOST_LABEL}"
        raise _refused(path, what)
    return idx._replace(array=labels.astype(np.uint8))


def _read(path: Path, items: Items) -> Idx:
    return read_idx(path, items, advice="Copy it again, or write it again")


def _count(path: Path, header: Header, most: int) -> int:
    """Return the number of items that a header announces; raise DataError if there are too many."""
    if not 1 <= header.shape[0] <= most:
        raise _refused(path, f"announces {header.shape[0]:,} items; nnlab reads 1 to {most:,}")
    return header.shape[0]


def _described(header: Header) -> str:
    """Return the type and dimensions of a file in words."""
    type_ = "bytes" if header.type == BYTE else "int32 numbers"
    return f"{' x '.join(f'{n:,}' for n in header.shape)} {type_}"


def _refused(path: Path, what: str) -> DataError:
    return DataError(f"{printable(path)} {what}. {_ADVICE}")
