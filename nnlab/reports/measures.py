"""The best and the last value of each metric, for the runs of each group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nnlab.metric import Metric, best
from nnlab.reports.comparing import Measured
from nnlab.reports.groups import Group
from nnlab.runs.saved import SavedRun

Which = Literal["last", "best"]


@dataclass(frozen=True)
class Measure:
    """The last or the best values of one metric.

    Attributes:
        metric: the metric.
        which: "last" or "best" over the log points; "last" for what was measured once.
        values: for each group, seed -> value; a run without the metric is missing.
        of: for each group, the number of cases that the share was counted on; None if it
            is not a share of cases.
    """

    metric: Metric
    which: Which
    values: tuple[Mapping[int, float], ...]
    of: tuple[int | None, ...]


def measures(
    groups: Sequence[Group],
    metrics: Sequence[Metric],
    measured: Mapping[SavedRun, Sequence[Measured]],
) -> list[Measure]:
    """Return the measures of all groups.

    Args:
        groups: the groups.
        metrics: the metrics that the experiment declares; these come first.
        measured: what was measured on the finished network of each run.
    """
    once = {each.metric.name: each.metric for found in measured.values() for each in found}
    logged = list(_logged(groups, metrics))
    known = {each.metric.name for each in logged}
    extra = [_measured(groups, metric, measured) for metric in once.values()]
    of = {each.metric.name: each.of for each in extra}
    return [
        *(replace(each, of=of.get(each.metric.name, each.of)) for each in logged),
        *(each for each in extra if each.metric.name not in known),
    ]


def _logged(groups: Sequence[Group], metrics: Sequence[Metric]) -> Iterator[Measure]:
    """Yield the last and the best of each metric that some run has logged or summarized."""
    for metric in metrics:
        last = tuple(_last(group, metric.name) for group in groups)
        if any(last):
            yield Measure(metric, "last", last, (None,) * len(groups))
        top = tuple(_best(group, metric) for group in groups)
        if any(top):
            yield Measure(metric, "best", top, (None,) * len(groups))


def _last(group: Group, name: str) -> dict[int, float]:
    """Return the last values that the runs logged, or else those of their summaries."""
    values = {}
    for member in group.members:
        if column := member.saved.metrics.get(name):
            values[member.seed] = column[-1]
        elif name in member.saved.summary:
            values[member.seed] = member.saved.summary[name]
    return values


def _best(group: Group, metric: Metric) -> dict[int, float]:
    """Return the best values that the runs logged."""
    found = {
        member.seed: best(metric, member.saved.metrics.get(metric.name, ()))
        for member in group.members
    }
    return {seed: value for seed, value in found.items() if value is not None}


def _measured(
    groups: Sequence[Group], metric: Metric, measured: Mapping[SavedRun, Sequence[Measured]]
) -> Measure:
    """Return what was measured of `metric` on the finished networks."""
    values, of = [], []
    for group in groups:
        found = {
            member.seed: each
            for member in group.members
            for each in measured[member.saved]
            if each.metric.name == metric.name
        }
        counts = {each.of for each in found.values()}
        values.append({seed: each.value for seed, each in found.items()})
        of.append(counts.pop() if len(counts) == 1 else None)
    return Measure(metric, "last", tuple(values), tuple(of))
