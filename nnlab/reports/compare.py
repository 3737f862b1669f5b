"""Compare runs: groups, best and last of each metric with its spread, differences with intervals.

`compare` returns plain data and prints nothing. `nnlab.reports.compare_rows` turns it into tables
of text and JSON, `nnlab.reports.compare_plots` into the picture of the curves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from nnlab.config.base import Config
from nnlab.errors import UsageError
from nnlab.metric import Metric
from nnlab.reports.changes import Change, changes
from nnlab.reports.compare_notes import notes
from nnlab.reports.comparing import Comparing
from nnlab.reports.groups import Group, changed_keys, grouped, read_members
from nnlab.reports.measures import Measure, measures
from nnlab.runs.saved import SavedRun
from nnlab.text import printable


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
        kept = [each for each in self.changes if each.measure.metric.name in names]
        return replace(
            self,
            measures=[each for each in self.measures if each.metric.name in names],
            changes=kept,
            notes=notes(self.groups, kept),
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
    differences = list(changes(groups, found))
    return Comparison(
        experiment=runs[0].experiment,
        groups=tuple(groups),
        changed=changed_keys(groups),
        measures=found,
        changes=differences,
        notes=notes(groups, differences),
    )
