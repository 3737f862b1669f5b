"""The curves of a run: one chart for each unit, from metrics.csv."""

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator, NullFormatter

from nnlab.metric import Metric, formatted
from nnlab.plots import HIGHEST, LOWEST, curves
from nnlab.reports.numbers import Columns, is_wide
from nnlab.reports.parts import Chart
from nnlab.reports.svg import inline
from nnlab.thinning import thinned

MOST_LINES = 4  # in a chart: as many as curves() has colours
FEW = 20  # a curve with fewer points has a marker at each point
MOST_POINTS = 2000  # of a line; more would not be visible, and each is bytes of the page


def charts(columns: Columns, metrics: Sequence[Metric]) -> list[Chart]:
    """Return the charts of the metrics that can be better or worse.

    Time and speed are left out: they say nothing about what was learned.

    Args:
        columns: the columns of metrics.csv; the first one is x.
        metrics: those that the experiment declares.
    """
    at = next((metric for metric in metrics if metric.name == next(iter(columns), "")), None)
    if at is None:
        return []
    by_unit: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.name in columns and metric.direction and not metric.of_the_clock:
            by_unit.setdefault(metric.unit, []).append(metric)
    groups = [
        sorted(group[start : start + MOST_LINES], key=lambda m: list(columns).index(m.name))
        for group in by_unit.values()
        for start in range(0, len(group), MOST_LINES)
    ]
    return [_chart(columns, at, group, f"chart{n}-") for n, group in enumerate(groups, 1)]


def _chart(columns: Columns, at: Metric, group: Sequence[Metric], prefix: str) -> Chart:
    names = [metric.name for metric in group]
    title = f"{' and '.join(names)} over {at.unit or at.name}"
    unit = group[0].unit
    lines = [columns[name] for name in names]
    kept = thinned(lines, MOST_POINTS // (2 * len(lines)))
    figure = curves(
        "", [columns[at.name][i] for i in kept],
        {name: [min(max(columns[name][i], LOWEST), HIGHEST) for i in kept] for name in names},
        x_label=at.unit or at.name, y_label=f"{', '.join(names)}{f' ({unit})' if unit else ''}",
        log=is_wide(group, columns), markers=len(kept) < FEW,
    )  # fmt: skip
    (ax,) = figure.axes
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    if ax.get_yscale() == "log":
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
    said = "; ".join(_said(columns, at, metric) for metric in group)
    return Chart(
        title,
        inline(figure, f"{title}: {said}", prefix),
        " ".join(f"{metric.name}: {metric.meaning}" for metric in group if metric.meaning),
    )


def _said(columns: Columns, at: Metric, metric: Metric) -> str:
    """Return the course of a metric in words."""
    y, x = columns[metric.name], columns[at.name]
    ends = [
        f"{formatted([metric], metric.name, y[i])} at {at.name} {formatted([at], at.name, x[i])}"
        for i in (0, -1)
    ]
    return f"{metric.name} goes from {ends[0]} to {ends[1]}"
