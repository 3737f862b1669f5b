"""The pictures of a sweep, each with what to look for."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from nnlab.sweep.history_plot import history_figure
from nnlab.sweep.importance_plot import importance_figure
from nnlab.sweep.parallel_plot import parallel_figure
from nnlab.sweep.slices_plot import slices_figure
from nnlab.sweep.trial import Results

CAPTIONS = {
    "history.png": "Each dot is a complete trial, in the order of the search; the line is the best "
    "so far. Still falling (or rising) at its end? Then more trials may help. The diamond is the "
    "best setting on fresh seeds: where it stands apart from the star, the star was partly luck. "
    "Rows below: trials without a final value.",
    "slices.png": "One panel for each key: the value of each trial over the key. A best trial at "
    "the end of an axis says: search further there. A cloud without a shape: this key decides "
    "little. A triangle is a trial that was stopped early, with the value that it had by then.",
    "parallel.png": "A line is a trial: follow it from key to key to its value at the right. The "
    "thick black line is the best. Dark lines are good; thin ones were stopped early. Where dark "
    "lines meet on an axis, that value of the key is good.",
    "importance.png": "How much each key decides whether a trial is among the best tenth "
    "(PED-ANOVA). It speaks of the searched range alone: a key that was searched near its best "
    "value looks unimportant.",
}
"""File name -> what to look for, in the order of the page."""


def figures(results: Results, importances: Mapping[str, float]) -> dict[str, Figure]:
    """Return the pictures by file name; none if no trial is complete.

    Args:
        results: the trials.
        importances: key -> share; empty if they are not known, then their picture is left out.
    """
    if not results.ranked:
        return {}
    known = {"importance.png": importance_figure(results, importances)} if importances else {}
    return {
        "history.png": history_figure(results), "slices.png": slices_figure(results),
        "parallel.png": parallel_figure(results), **known,
    }  # fmt: skip
