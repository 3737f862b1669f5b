"""The samples that the steps of a run use, in the run's order, some steps at a time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.cubic.pacing import chunks
from nnlab.cubic.points import AT_ONCE, Points


class Part(NamedTuple):
    """Consecutive steps of one epoch.

    Attributes:
        epoch: the epoch, from 0.
        begin, end: gradient steps taken before the first of these steps, and after the last.
        x, y: the samples that they use, in this order, (samples, 1).
    """

    epoch: int
    begin: int
    end: int
    x: Array
    y: Array


def walk(
    config: CubicConfig,
    points: Points,
    begin: int,
    end: int,
    *,
    every: int,
    stops: Sequence[int] = (),
) -> Iterator[Part]:
    """Yield the steps begin .. end of a run in short parts.

    Args:
        config: the config of the run.
        points: its training points.
        begin: steps taken before.
        end: steps taken after the last part.
        every: a part ends after each step that is a multiple of this,
        stops: and after each of these, in ascending order.
    """
    per_epoch = config.steps_per_epoch
    for epoch in range(begin // per_epoch, -(-end // per_epoch)):
        first = epoch * per_epoch
        steps = chunks(max(begin, first), min(first + per_epoch, end), every, stops)
        yield from _epoch(config, points, epoch, steps)  # no two epochs are in memory


def _epoch(
    config: CubicConfig, points: Points, epoch: int, steps: Iterator[tuple[int, int]]
) -> Iterator[Part]:
    """Yield the parts of one epoch."""
    first, size = epoch * config.steps_per_epoch, config.batch_size
    visited = points.visited(epoch)
    at = until = 0
    for begin, end in steps:
        a, b = (begin - first) * size, min((end - first) * size, config.samples)
        if not at <= a <= b <= until:
            at, until = a, min(max(a + AT_ONCE, b), config.samples)
            # A copy: a view would keep the epoch in memory as long as somebody has the part.
            x, y = points.pairs(visited(at, until).copy())
        yield Part(epoch, begin, end, x[a - at : b - at], y[a - at : b - at])
