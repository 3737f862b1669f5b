"""Grid search: every combination of the values of the axes."""

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from nnlab.sweep.plan import Axis, Choices, Keys


def size(space: Mapping[str, Axis]) -> int | None:
    """Return the number of settings of a space; None if a range of real numbers is in it."""
    sizes = [_size(axis) for axis in space.values()]
    known = [each for each in sizes if each is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def settings(space: Mapping[str, Axis]) -> Iterator[Keys]:
    """Yield the points of the grid; the last axis varies fastest."""
    for values in product(*(_values(axis) for axis in space.values())):
        yield dict(zip(space, values, strict=True))


def _size(axis: Axis) -> int | None:
    if isinstance(axis, Choices):
        return len(axis.values)
    return int(axis.high) - int(axis.low) + 1 if axis.whole else None


def _values(axis: Axis) -> list[Any]:
    """Return the values of an axis.

    Raises:
        TypeError: the axis is a range, so it has no list of values.
    """
    if isinstance(axis, Choices):
        return axis.values
    raise TypeError(f"a grid has no ranges: {axis}")
