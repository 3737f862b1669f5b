"""Write arrays by name as .npz or as a table."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
AXES = "ijkl"


def write_npz(file: BinaryIO, arrays: Arrays) -> None:
    """Write the arrays as numpy.savez does."""
    np.savez(file, **arrays)  # type: ignore[arg-type]


def write_csv(file: BinaryIO, arrays: Arrays) -> None:
    """Write one number a line: its array, its index from 0, its value.

    There is a column for each axis of the array that has the most axes; it is empty where an array
    has fewer. A value has all its digits, so it reads back the same.
    """
    axes = max(array.ndim for array in arrays.values())
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["parameter", *AXES[:axes], "value"])
    for name, array in arrays.items():
        writer.writerows(_lines(name, array, axes))
    text.detach()


def _lines(name: str, array: NDArray[Any], axes: int) -> Iterator[tuple[object, ...]]:
    empty = [""] * (axes - array.ndim)
    for index, value in np.ndenumerate(array):
        yield name, *index, *empty, str(value)  # of a NumPy number: the fewest digits that suffice


def shapes(arrays: Arrays) -> dict[str, str]:
    """Return the type and shape of each array as text."""
    return {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
