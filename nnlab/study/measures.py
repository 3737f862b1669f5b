"""Measures that every experiment has: its logged metrics, and the time that training took.

Each function returns a measure: a function of a finished run that yields readings.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from statistics import fmean

from nnlab.errors import DataError
from nnlab.runs.saved import SavedRun
from nnlab.study.results import Reading

Measure = Callable[[SavedRun], Iterable[Reading]]


def final(*metrics: str) -> Measure:
    """Return the measure of the last logged value of each metric."""

    def measure(saved: SavedRun) -> Iterator[Reading]:
        for metric in metrics:
            yield Reading(metric, _column(saved, metric)[-1])

    return measure


def late(metric: str, points: int = 10) -> Measure:
    """Return the measure `late_METRIC`: the geometric mean of the last `points` log points."""

    def measure(saved: SavedRun) -> Iterator[Reading]:
        logs = [math.log(value) for value in _column(saved, metric)[-points:]]
        yield Reading(f"late_{metric}", math.exp(fmean(logs)))

    return measure


def summary(*metrics: str) -> Measure:
    """Return the measure of metrics of the finished run, such as `test_accuracy`."""

    def measure(saved: SavedRun) -> Iterator[Reading]:
        for metric in metrics:
            if metric not in saved.summary:
                raise DataError(f"{saved.path}: the run has no {metric}")
            yield Reading(metric, saved.summary[metric])

    return measure


def curve(*metrics: str, over: str = "step", at: Collection[float] = ()) -> Measure:
    """Return the measure of metrics at every log point, or at those of `at` alone.

    The place of a reading is the value of the column `over` there: step, epoch, seconds.
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        places = _column(saved, over)
        for metric in metrics:
            for place, value in zip(places, _column(saved, metric), strict=True):
                if not at or place in at:
                    yield Reading(f"{metric}_curve", value, place_name(place))

    return measure


def place_name(place: float) -> str:
    """Return the `at` of a reading at a number: whole if it is, else to its last digit."""
    return str(int(place)) if place == int(place) else repr(float(place))


def steps_to(metric: str, below: float) -> Measure:
    """Return the measure of the steps to the first log point with `metric` below a target.

    steps_to_METRIC_TARGET    the steps; of a run that never gets there its last step
    reached_METRIC_TARGET     whether it gets there, 1 or 0

    The last step is too few. So the faster of two arms must have got there with all its runs: a
    test names the second reading in `reached`.
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        steps = _column(saved, "step")
        there = first_below(_column(saved, metric), below)
        name = f"{metric}_{below:g}"
        yield Reading(f"steps_to_{name}", steps[-1 if there is None else there])
        yield Reading(f"reached_{name}", there is not None)

    return measure


def first_below(values: Sequence[float], target: float) -> int | None:
    """Return the index of the first value below a target; None if there is none."""
    return next((index for index, value in enumerate(values) if value < target), None)


def training_seconds(saved: SavedRun) -> Iterator[Reading]:
    """Yield the seconds of training. They differ from day to day, so they alone decide nothing."""
    yield Reading("seconds", float(saved.record["seconds"]))


def _column(saved: SavedRun, metric: str) -> Sequence[float]:
    """Return a column of metrics.csv. Raises DataError if the run has no such values."""
    values = saved.metrics.get(metric, [])
    if not values:
        known = ", ".join(saved.metrics)
        raise DataError(f"{saved.path}/metrics.csv has no values of {metric}; it has {known}")
    return values
