"""The samples that the steps of a run use, in the run's order, some steps at a time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.cubic.pacing import chunks


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
    x: Array,
    y: Array,
    begin: int,
    end: int,
    *,
    every: int,
    stops: Sequence[int] = (),
) -> Iterator[Part]:
    """Yield the steps begin .. end of a run in short parts.

    Args:
        config: the config of the run.
        x: its training points, (samples, 1).
        y: their targets, (samples, 1).
        begin: steps taken before.
        end: steps taken after the last part.
        every: a part ends after each step that is a multiple of this,
        stops: and after each of these, in ascending order.
    """
    per_epoch, size = config.steps_per_epoch, config.batch_size
    for epoch in range(begin // per_epoch, -(-end // per_epoch)):
        order = data.order(config, epoch, x)
        x_epoch, y_epoch = x[order], y[order]  # (samples, 1)
        first = epoch * per_epoch
        for before, after in chunks(max(begin, first), min(first + per_epoch, end), every, stops):
            samples = slice((before - first) * size, (after - first) * size)
            yield Part(epoch, before, after, x_epoch[samples], y_epoch[samples])
