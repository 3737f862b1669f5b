"""Grid search: every combination of the values of the axes."""

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from nnlab.sweep.plan import Axis, Choices, Keys


def size(space: Mapping[str, Axis]) -> int:
    """Return the number of points of the grid."""
    return math.prod(len(_values(axis)) for axis in space.values())


def settings(space: Mapping[str, Axis]) -> Iterator[Keys]:
    """Yield the points of the grid; the last axis varies fastest."""
    for values in product(*(_values(axis) for axis in space.values())):
        yield dict(zip(space, values, strict=True))


def _values(axis: Axis) -> list[Any]:
    """Return the values of an axis.

    Raises:
        TypeError: the axis is a range, so it has no list of values.
    """
    if isinstance(axis, Choices):
        return axis.values
    raise TypeError(f"a grid has no ranges: {axis}")
