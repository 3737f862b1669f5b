"""What a sweep makes better: the metric, its direction, and what may be done with it."""

import difflib
from typing import NamedTuple

from nnlab.experiments import Experiment
from nnlab.sweep.plan import Direction

DIRECTIONS: dict[str, Direction] = {"lower": "minimize", "higher": "maximize"}


class Aim(NamedTuple):
    """The metric that decides.

    Attributes:
        metric: its name.
        direction: which of its values are better.
        notes: what the user should know of it.
        at_the_end: whether it is measured only at the end of a run.
    """

    metric: str
    direction: Direction
    notes: list[str]
    at_the_end: bool


def aim(
    row: Experiment, name: str | None, direction: Direction | None, where: str
) -> tuple[Aim | None, str]:
    """Return what a sweep makes better, or None and what is wrong with it.

    Args:
        row: the experiment.
        name: the metric that the user chose; None for the experiment's own.
        direction: the direction that the user chose; None for the metric's own.
        where: where the metric was given.
    """
    metrics = {metric.name: metric for metric in row.metrics if not metric.of_the_clock}
    metric = metrics.get(name or row.sought)
    if metric is None:
        return None, f"  {where}: {_unknown(row, str(name), list(metrics))}"
    own = DIRECTIONS.get(metric.direction)
    chosen = direction or own
    if chosen is None:
        return None, (
            f"  {where}: neither small nor large values of {metric.name} are better in themselves; "
            "add --direction minimize or --direction maximize"
        )
    notes = []
    if own and chosen != own:
        notes.append(f"{metric.name} is better when it is {metric.direction}: this {chosen}s it")
    if metric.of_the_test:
        notes.append(
            f"{metric.name} decides: the best of many on the test set is too good a result; "
            f"choose by {row.sought}, and test the best once"
        )
    return Aim(metric.name, chosen, notes, metric.of_the_test), ""


def _unknown(row: Experiment, name: str, names: list[str]) -> str:
    """Return what is wrong with a metric that cannot decide."""
    if name in {metric.name for metric in row.metrics}:
        return f"{name} is of the clock, and so not the same twice; choose {', '.join(names)}"
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"nnlab {row.name} has no metric {name!r}; {hint}it has {', '.join(names)}"
