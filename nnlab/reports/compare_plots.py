"""The pictures of a comparison: the curves of the groups, and those of the experiment."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from nnlab.metric import Metric
from nnlab.plots import LOWEST, new_figure
from nnlab.reports.compare import Comparison
from nnlab.reports.comparing import AXES, Comparing, Drawn
from nnlab.reports.curves import mean, traces
from nnlab.reports.group_plots import READ_AS, draw_group, group_legend
from nnlab.reports.groups import Group

RATIO = 10  # of the largest to the smallest value, from which on the y axis is logarithmic
FEW_DECADES = 1000
TICKS = 6  # on an x axis, at most
MARGIN = 0.05  # of the height, above and below the traces


def figures(
    found: Comparison, comparing: Comparing, *, x: str | None = None, named: bool = False
) -> Drawn:
    """Return the pictures of a comparison: comparison.png, and those of the experiment.

    Args:
        found: the comparison.
        comparing: what the experiment knows about its runs.
        x: the x axis, of AXES; None: all four.
        named: whether the user named the metrics; then all are drawn. Otherwise the first one over
            all four x axes, or all over the one that was picked.
    """
    metrics = curve_metrics(found)
    chosen = metrics if named or x else metrics[:1]
    own = comparing.draw(found)
    if not chosen:
        return Drawn(own.figures, ["no metric was logged during training: no curves", *own.notes])
    curves = comparison_figure(found, chosen, [x] if x else list(AXES))
    return Drawn({"comparison.png": curves} | own.figures, own.notes)


def curve_metrics(found: Comparison) -> list[Metric]:
    """Return the metrics of a comparison that some run logged during training."""
    columns = {
        name
        for group in found.groups
        for member in group.members
        for name in member.saved.metrics
        if name not in AXES
    }
    shown = {each.metric.name: each.metric for each in found.measures}
    return [metric for name, metric in shown.items() if name in columns]


def comparison_figure(found: Comparison, metrics: Sequence[Metric], axes: Sequence[str]) -> Figure:
    """Draw the curves of all groups, a panel for each pair of a metric and an x axis.

    A band is drawn only for a group of two runs or more; it may leave the
    panel, whose limits are those of the runs that did not diverge.

    Args:
        found: the comparison.
        metrics: the metrics; each was logged by some run.
        axes: names of x axes, of AXES.
    """
    panels = list(product(metrics, axes))
    columns = len(axes) if min(len(axes), len(metrics)) > 1 else min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, places = new_figure(rows, columns, width=5.5 * columns, height=3.4 * rows + 1.0)
    for ax, (metric, axis) in zip(places, panels, strict=False):
        _panel(ax, found.groups, metric, axis)
    for ax in places[len(panels) :]:
        ax.set_visible(False)
    runs = sum(len(group.members) for group in found.groups)
    what = metrics[0].name if len(metrics) == 1 else "metrics"
    title = f"{what} of {runs} runs of {found.experiment}"
    grouped = any(len(group.members) > 1 for group in found.groups)
    figure.suptitle(f"{title}\n{READ_AS}" if grouped else title, fontsize=13)
    group_legend(figure, found.groups)
    return figure


def _panel(ax: Axes, groups: Sequence[Group], metric: Metric, axis: str) -> None:
    """Draw the curves of one metric over one x axis."""
    unit = f", {metric.unit}" * bool(metric.unit)
    ax.set(xlabel=AXES[axis], ylabel=f"{metric.name.replace('_', ' ')}{unit}")
    drawn = [traces(group, metric.name, axis) for group in groups]
    if not any(drawn):
        ax.text(0.5, 0.5, "not known for these runs", ha="center", transform=ax.transAxes)
        return
    for place, found in enumerate(drawn):
        draw_group(ax, place, found, mean(found))
    sound = [found for group, found in zip(groups, drawn, strict=True) if not _diverged(group)]
    values = [trace.y for found in (sound if any(sound) else drawn) for trace in found]
    _limit(ax, metric, min(map(np.min, values)), max(map(np.max, values)))
    ax.xaxis.set_major_locator(MaxNLocator(TICKS, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter("{x:,g}")


def _limit(ax: Axes, metric: Metric, low: float, high: float) -> None:
    """Set the limits of the y axis to those of the runs; make it logarithmic for a wide range."""
    if metric.direction == "lower" and low > LOWEST and high / low > RATIO:
        ax.set_yscale("log")
        margin = (high / low) ** MARGIN
        ax.set_ylim(low / margin, high * margin)
        if high / low < FEW_DECADES:  # powers of ten alone would be one or two labels
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_minor_formatter(NullFormatter())
    elif high > low:
        margin = MARGIN * (high - low)
        ax.set_ylim(low - margin, high + margin)
    ax.yaxis.set_major_formatter("{x:,g}")


def _diverged(group: Group) -> bool:
    """Return whether a group is a run that diverged: its values would flatten all others."""
    return any(member.saved.status == "diverged" for member in group.members)
