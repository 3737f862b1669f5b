"""The curve of a group of runs: each run's trace, and their mean with its interval."""

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.plots import HIGHEST
from nnlab.reports.groups import Group
from nnlab.reports.statistics import SPREAD, t_quantile

Array = NDArray[Any]


class Trace(NamedTuple):
    """One run's curve: point `key` of its training is drawn at (x, y); each (points,)."""

    key: Array
    x: Array
    y: Array


class Mean(NamedTuple):
    """The mean of several traces at the points that all of them have.

    Attributes:
        x: where the points are drawn, (points,).
        y: mean of the traces, (points,).
        half: half the width of the 95% interval of the mean, (points,).
    """

    x: Array
    y: Array
    half: Array


def traces(group: Group, metric: str, axis: str) -> list[Trace]:
    """Return the traces of the runs of a group that have the metric and the x axis."""
    found = []
    for member in group.members:
        y, axes = member.saved.metrics.get(metric), member.axes
        if y and axis in axes and "epoch" in axes:
            heights = np.asarray(y)
            if heights.max() > HIGHEST:
                heights = np.minimum(heights, HIGHEST)
            x = np.asarray(axes[axis])
            alone = len(group.members) == 1  # has no mean, which alone needs the keys
            found.append(Trace(x if alone else np.asarray(axes["epoch"]), x, heights))
    return found


def mean(found: Sequence[Trace]) -> Mean | None:
    """Return the mean of two traces or more; None for fewer: one run has no spread.

    Traces are averaged only at keys that all of them have; nothing is interpolated. So the mean
    ends where the shortest run ends. A key is a position in training, the epoch with its fraction:
    runs of one config log at the same ones. Where x is the time, which no two runs share, the mean
    of the values at one position is drawn at the mean of the times at which the runs came there.
    """
    if len(found) < SPREAD:
        return None
    shared = reduce(np.intersect1d, (trace.key for trace in found))
    at = [np.intersect1d(trace.key, shared, return_indices=True)[1] for trace in found]
    x, y = (
        np.array([getattr(trace, name)[places] for trace, places in zip(found, at, strict=True)])
        for name in ("x", "y")
    )  # (runs, points)
    runs = len(found)
    half = t_quantile(runs - 1) * y.std(axis=0, ddof=1) / np.sqrt(runs)
    return Mean(x.mean(axis=0), y.mean(axis=0), half)
