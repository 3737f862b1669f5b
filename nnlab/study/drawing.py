"""Draw the panels of a study's pictures."""

import math
from collections.abc import Mapping, Sequence
from functools import singledispatch

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from nnlab.plots import BLUE, GREY, RED, literal, new_figure
from nnlab.reports.curves import Mean, Trace, mean
from nnlab.reports.group_plots import STYLES, draw_group
from nnlab.reports.statistics import estimate
from nnlab.study.panels import Courses, Dots, Means, Panel
from nnlab.study.results import Results

SPREAD = 0.28  # of the dots of an arm, left and right of its place
LONG_LABEL = 14  # characters: longer labels below dots are slanted
LEGEND_COLUMNS = 3
FEW_DECADES = 1000  # from the lowest to the highest value: powers of ten alone are few labels
NO_SPREAD = 1.0001  # from the lowest to the highest: values that are equal but for rounding


def figure_of(title: str, shown: Sequence[Panel], results: Results, columns: int = 2) -> Figure:
    """Return a figure with a panel for each of `shown`, and one legend for equal lines."""
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    width, height = (7.0, 4.8) if len(shown) == 1 else (5.5 * columns, 4.0 * rows + 0.6)
    figure, places = new_figure(rows, columns, width=width, height=height)
    named: dict[str, Line2D] = {}
    for ax, panel in zip(places, shown, strict=False):
        ax.set(xlabel=panel.x_label, ylabel=panel.y_label, title=literal(panel.title))
        if panel.log_x:
            ax.set_xscale("log")
            ax.xaxis.set_major_formatter("{x:,.7g}")
        if panel.log_y:
            ax.set_yscale("log")
        for line in draw_panel(panel, ax, results):
            named.setdefault(str(line.get_label()), line)
        if panel.log_y:
            _label_decades(ax)
    for ax in places[len(shown) :]:
        ax.set_visible(False)
    figure.suptitle(literal(title), fontsize=14)
    if named:
        figure.legend(
            handles=list(named.values()), loc="outside lower center", frameon=False, fontsize=11,
            ncols=min(LEGEND_COLUMNS, len(named)), handlelength=3,
        )  # fmt: skip
    return figure


def _label_decades(ax: Axes) -> None:
    """Label a logarithmic y axis with numbers that people read; more of them for few decades."""
    low, high = ax.get_ylim()
    if high / low < NO_SPREAD:  # Matplotlib cannot draw an axis without height
        ax.set_ylim(low / 1.15, high * 1.15)
    if high / low < FEW_DECADES:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:,.7g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


@singledispatch
def draw_panel(panel: Panel, ax: Axes, results: Results) -> list[Line2D]:  # noqa: ARG001
    """Draw a panel on `ax`; return the lines of its legend."""
    raise TypeError(f"{type(panel).__name__} cannot be drawn")


@draw_panel.register
def _dots(panel: Dots, ax: Axes, results: Results) -> list[Line2D]:
    labels = panel.labels(results)
    for place, arm in enumerate(labels):
        values = list(results.by_seed(panel.part, arm, panel.measure, panel.at).values())
        finite = [value for value in values if math.isfinite(value)]
        if not finite:
            continue
        offsets = np.linspace(-SPREAD, SPREAD, len(finite)) if len(finite) > 1 else [0.0]
        ax.plot(place + np.asarray(offsets), finite, "o", color=BLUE, markersize=5, alpha=0.75)
        low, middle, high = _interval(finite, log=panel.log_y)
        ax.errorbar(
            place, middle, [[middle - low], [high - middle]], fmt="_", color=RED, markersize=26,
            markeredgewidth=2.4, elinewidth=2, capsize=5,
        )  # fmt: skip
    slanted = max(map(len, labels.values()), default=0) > LONG_LABEL
    ax.set_xticks(
        range(len(labels)), [literal(label) for label in labels.values()],
        rotation=25 if slanted else 0, ha="right" if slanted else "center",
    )  # fmt: skip
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.grid(visible=False, axis="x")
    found = [
        Line2D([], [], linestyle="", marker="o", color=BLUE, alpha=0.75, label="a run"),
        Line2D([], [], color=RED, linewidth=2.4, label="mean, with its 95% interval"),
    ]
    if panel.line:
        value, label = panel.line
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.6)
        found.append(Line2D([], [], color=GREY, linestyle="--", label=literal(label)))
    return found


@draw_panel.register
def _courses(panel: Courses, ax: Axes, results: Results) -> list[Line2D]:
    labels, shown = panel.labels(results), list[float]()
    for place, arm in enumerate(labels):
        traces = []
        for seed in results.seeds(panel.part):
            x, y = results.curve(panel.part, arm, seed, panel.measure)
            if x:
                values = np.log10(y) if panel.log_y else np.asarray(y)
                traces.append(Trace(np.asarray(x), np.asarray(x), values))
        middle = mean(traces) if traces else None
        if panel.log_y:  # the mean of logarithms: a band never reaches below zero
            traces = [trace._replace(y=10**trace.y) for trace in traces]
        _draw_course(ax, place, traces, middle, log=panel.log_y)
        shown += [value for trace in traces for value in trace.y]
    if shown:  # a band may leave the panel
        ax.set_ylim(*_limits([*shown, *(level for level, _ in panel.lines)], log=panel.log_y))
    for value, label in panel.lines:
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.4)
        ax.annotate(  # beside the axes, where it covers no line
            literal(label), (1.01, value), xycoords=("axes fraction", "data"), ha="left",
            va="center", fontsize=10, color=GREY, annotation_clip=False,
        )  # fmt: skip
    return _legend(labels)


def _limits(values: Sequence[float], *, log: bool) -> tuple[float, float]:
    """Return the limits of an axis that shows all finite `values`, with a margin."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    if log:
        return low / 1.15, high * 1.15
    margin = 0.05 * ((high - low) or 1.0)
    return low - margin, high + margin


def _draw_course(
    ax: Axes, place: int, traces: Sequence[Trace], middle: Mean | None, *, log: bool
) -> None:
    """Draw one arm; with `log`, `middle` is the mean of log10(y)."""
    if not log or middle is None:
        draw_group(ax, place, traces, middle)
        return
    _thin(ax, place, traces)
    style, colour = STYLES[place % len(STYLES)]
    low, high = 10 ** (middle.y - middle.half), 10 ** (middle.y + middle.half)
    ax.fill_between(middle.x, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.plot(middle.x, 10**middle.y, style, color=colour, linewidth=2.6)


def _thin(ax: Axes, place: int, traces: Sequence[Trace]) -> None:
    _, colour = STYLES[place % len(STYLES)]
    for trace in traces:
        ax.plot(trace.x, trace.y, "-", color=colour, linewidth=0.9, alpha=0.4)


@draw_panel.register
def _means(panel: Means, ax: Axes, results: Results) -> list[Line2D]:
    labels = panel.labels(results)
    lines = _lines_over_arms(panel, results) if panel.x_of else _lines_over_places(panel, results)
    for place, points in enumerate(lines.values()):
        style, colour = STYLES[place % len(STYLES)]
        x = list(points)
        found = [_interval(values, log=panel.log_y) for values in points.values()]
        low, y, high = (np.array(each) for each in zip(*found, strict=True))
        ax.errorbar(
            x, y, [y - low, high - y], color=colour, linestyle=style, marker="o", markersize=6,
            linewidth=2, capsize=4,
        )  # fmt: skip
        if panel.slope and place == 0:
            guide = y[0] * (np.array(x) / x[0]) ** panel.slope[0]
            ax.plot(x, guide, ":", color=GREY, linewidth=2)
    named = _legend({arm: labels.get(arm, arm) for arm in lines}) if len(lines) > 1 else []
    if panel.slope:
        named.append(Line2D([], [], color=GREY, linestyle=":", label=literal(panel.slope[1])))
    return named


Points = Mapping[float, list[float]]
"""x -> the values of the seeds there."""


def _lines_over_arms(panel: Means, results: Results) -> dict[str, Points]:
    points = {
        x: list(results.by_seed(panel.part, arm, panel.measure, panel.at).values())
        for arm, x in panel.x_of.items()
    }
    return {panel.part: {x: points[x] for x in sorted(points) if points[x]}}


def _lines_over_places(panel: Means, results: Results) -> dict[str, Points]:
    return {
        arm: {
            float(at): list(results.by_seed(panel.part, arm, panel.measure, at).values())
            for at in results.places(panel.part, arm, panel.measure)
        }
        for arm in panel.labels(results)
        if results.places(panel.part, arm, panel.measure)
    }


def _legend(labels: Mapping[str, str]) -> list[Line2D]:
    styles = (STYLES[place % len(STYLES)] for place in range(len(labels)))
    return [
        Line2D([], [], linestyle=style, color=colour, linewidth=2.6, label=literal(label))
        for label, (style, colour) in zip(labels.values(), styles, strict=True)
    ]


def _interval(values: Sequence[float], *, log: bool) -> tuple[float, float, float]:
    """Return low, mean and high; with `log` of the logarithms, taken back."""
    logs = log and min(values) > 0
    mean_of, half, _ = estimate([math.log(value) for value in values] if logs else values)
    half = half or 0.0
    low, high = mean_of - half, mean_of + half
    return (math.exp(low), math.exp(mean_of), math.exp(high)) if logs else (low, mean_of, high)
