"""Find the first step after which two trajectories differ, by bisection.

Two runs that once differ are taken to differ from then on. They could meet again only by accident:
where a rounding swallows the difference, which does happen to one unit in the last place of one
weight. So the states at some steps between, the `looks`, are compared, too, before the bisection
begins; what parts and meets again between two of them is not seen. A difference within a tolerance
may also shrink again; then the step that is found is one at which it grows beyond the tolerance.
"""

from collections.abc import Callable, Sequence

import numpy as np

from nnlab.cubic.network import Array, Parameters
from nnlab.reports.parting import Block

At = Callable[[int], Parameters]
"""Step -> the parameters after it, by name."""


def first_step_apart(
    a: At, b: At, total: int, tolerance: float = 0.0, looks: Sequence[int] = ()
) -> int | None:
    """Return the first step after which two trajectories differ; None if there is none.

    Beside the `looks`, at most log2(total) + 2 steps are asked for, if total >= 1. `total` is the
    first, so that the functions can keep snapshots on the way.

    Args:
        a: one trajectory.
        b: the other one.
        total: the last step.
        tolerance: as in `blocks_apart`.
        looks: steps that are quick to ask for, in ascending order.
    """

    def apart(step: int) -> bool:
        return bool(blocks_apart(a(step), b(step), tolerance))

    at_the_end = apart(total)
    same, high = -1, total if at_the_end else None
    for step in looks:
        if apart(step):
            high = step
            break
        same = step
    if high is None:
        return None
    while high - same > 1:
        middle = (same + high) // 2
        if apart(middle):
            high = middle
        else:
            same = middle
    return high


def blocks_apart(a: Parameters, b: Parameters, tolerance: float = 0.0) -> tuple[Block, ...]:
    """Return the blocks that differ, in their order.

    Args:
        a: parameters by name.
        b: others, of the same names and shapes; their type may be another.
        tolerance: a block differs if its largest difference is more than this part of its largest
            number; at 0 it differs if a bit does.
    """
    found = (_compared(name, a[name], b[name], tolerance) for name in a)
    return tuple(filter(None, found))


def _compared(name: str, a: Array, b: Array, tolerance: float) -> Block | None:
    """Return how two arrays of one shape differ; None if they do not."""
    if a.tobytes() == b.tobytes():
        return None
    difference = np.abs(np.subtract(a, b, dtype=np.float64))
    size = max(float(np.abs(a).max()), float(np.abs(b).max()))
    largest = float(difference.max())
    relative = largest / size if size else 0.0
    if tolerance and relative <= tolerance:
        return None
    coarse = min(a.dtype, b.dtype, key=lambda each: each.itemsize)
    distance = ulps(a.astype(coarse), b.astype(coarse))
    index = np.unravel_index(int(difference.argmax()), a.shape)
    count = int(np.count_nonzero(difference)) or int(
        np.count_nonzero(np.signbit(a) != np.signbit(b))
    )
    return Block(
        name, count, a.size, largest, relative, int(distance.max()), tuple(map(int, index))
    )  # fmt: skip


def ulps(a: Array, b: Array) -> Array:
    """Return how many floating-point numbers lie between, as uint64; -0 and 0 are one number.

    Args:
        a: float32 or float64.
        b: the same type and shape.
    """
    whole = np.int32 if a.dtype == np.float32 else np.int64
    places = []
    for array in (a, b):
        bits = array.view(whole).astype(np.int64)
        # The bits of a negative number count down from the smallest whole number: -0.
        places.append(np.where(bits < 0, int(np.iinfo(whole).min) - bits, bits))
    high, low = np.maximum(*places), np.minimum(*places)
    return (high - low).view(np.uint64)  # the difference wraps around where int64 ends
