"""Compare runs: groups, best and last of each metric with its spread, differences with intervals.

`compare` returns plain data and prints nothing. `nnlab.reports.compare_rows` turns it into tables
of text and JSON, `nnlab.reports.compare_plots` into the picture of the curves.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Self

from nnlab.config.base import Config
from nnlab.errors import UsageError
from nnlab.metric import Metric
from nnlab.reports.compare_notes import notes
from nnlab.reports.comparing import Comparing
from nnlab.reports.groups import Group, changed_keys, grouped, read_members
from nnlab.reports.measures import Measure, measures
from nnlab.reports.statistics import NORMAL, Difference, binomial_error, difference
from nnlab.runs.saved import SavedRun
from nnlab.text import printable


@dataclass(frozen=True)
class Change:
    """How a measure differs between two groups.

    Attributes:
        measure: what is compared.
        pair: the labels of the two groups; the difference is the second minus the first.
        difference: the difference, with its interval.
        floor: half the width of the 95% interval that the test cases alone would give, 1.96
            sqrt(p (1 - p) / n + q (1 - q) / m) for the mean shares p and q of n and m cases; None
            if the metric is no such share.
    """

    measure: Measure
    pair: tuple[str, str]
    difference: Difference
    floor: float | None

    @property
    def says(self) -> str:
        """What the interval says: "B better", "B worse", or "unclear" if it includes 0."""
        amount, half = self.difference.amount, self.difference.half
        if half is None:
            return "no interval"
        if amount == 0 == half:
            return "equal"
        if abs(amount) <= half:
            return "unclear"
        return f"{self.pair[1]} {'better' if self.better else 'worse'}"

    @property
    def better(self) -> bool:
        """Whether the second group has the better mean."""
        return (self.difference.amount > 0) == (self.measure.metric.direction == "higher")

    @property
    def beyond_luck(self) -> bool:
        """Whether the difference is larger than its interval and than the floor allow."""
        half, floor = self.difference.half or 0.0, self.floor or 0.0
        return abs(self.difference.amount) > max(half, floor)


@dataclass(frozen=True)
class Comparison:
    """What a comparison found, as plain data.

    Attributes:
        experiment: name of the experiment.
        groups: the groups.
        changed: the keys whose values differ between groups.
        measures: last and best of each metric, in the order of the experiment's metrics.
        changes: differences of each group from the first one.
        notes: what a reader must know, such as a run that did not end.
    """

    experiment: str
    groups: tuple[Group, ...]
    changed: list[str]
    measures: list[Measure]
    changes: list[Change]
    notes: list[str]

    def only(self, names: Sequence[str]) -> Self:
        """Return the comparison of the metrics `names` alone.

        Raises:
            UsageError: no run has one of them.
        """
        known = list(dict.fromkeys(measure.metric.name for measure in self.measures))
        for name in names:
            if name not in known:
                raise UsageError(
                    f"these runs have no metric {printable(name)}; they have: {', '.join(known)}"
                )
        return replace(
            self,
            measures=[each for each in self.measures if each.metric.name in names],
            changes=[each for each in self.changes if each.measure.metric.name in names],
        )


def compare(
    runs: Sequence[SavedRun],
    model: type[Config],
    metrics: Sequence[Metric],
    comparing: Comparing,
) -> Comparison:
    """Compare two runs or more of one experiment; `nnlab.cli.compare.compared` calls it.

    Args:
        runs: the runs; the group of the first one is what the other groups are compared with.
        model: the experiment's config (`Experiment.config`).
        metrics: the experiment's metrics (`Experiment.metrics`).
        comparing: the rest of what it knows (`Experiment.comparing`, resolved).

    Raises:
        UsageError: the runs cannot be compared (see `read_members`).
        DataError: a file of a run cannot be read, or is damaged.
    """
    groups = grouped(read_members(runs, model, comparing.axes))
    found = measures(groups, metrics, {run: comparing.measured(run) for run in runs})
    return Comparison(
        experiment=runs[0].experiment,
        groups=tuple(groups),
        changed=changed_keys(groups),
        measures=found,
        changes=list(_changes(groups, found)),
        notes=notes(groups),
    )


def _changes(groups: Sequence[Group], found: Sequence[Measure]) -> Iterator[Change]:
    """Yield the difference of each group from the first one in each measure that has a better."""
    for measure in found:
        if not measure.metric.direction:
            continue
        first, *others = zip(groups, measure.values, measure.of, strict=True)
        for other in others:
            if first[1] and other[1]:
                told = difference(first[1], other[1])
                pair = (first[0].label, other[0].label)
                yield Change(measure, pair, told, _floor(measure, groups.index(other[0])))


def _floor(measure: Measure, place: int) -> float | None:
    """Return `Change.floor` of the group at `place` against the first one."""
    errors = []
    for at in (0, place):
        if not (count := measure.of[at]):
            return None
        errors.append(binomial_error(fmean(measure.values[at].values()), count))
    return NORMAL * math.hypot(*errors)
