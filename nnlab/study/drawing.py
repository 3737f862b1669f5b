"""Draw the panels of a study's pictures."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce, singledispatch
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnlab.plots import GREY, literal, new_figure
from nnlab.reports.curves import Array, Trace, mean
from nnlab.reports.statistics import estimate
from nnlab.reports.ticks import label_linear, label_log
from nnlab.study.panels import Courses, Dots, Means, Panel
from nnlab.study.results import Results
from nnlab.study.signs import FEW, Sign, signs_of

LEFT, RIGHT = -0.34, 0.12  # of the dots of an arm, from its place
BESIDE = 0.29  # of the mean of an arm, from its place: it hides no dot
BLACK = "#222222"  # of what is no arm: the mean of dots, a guide
LETTER = 0.085  # inches: a letter below an axis or in a legend
ENTRY = 0.85  # inches: an entry of a legend without its text
LEGEND_COLUMNS = 3
TITLE_LETTER = 0.115  # inches: a letter of a figure's title
SHARES = ("share", "accuracy", "recall")  # words in the name of a measure from 0 to 1


def figure_of(title: str, shown: Sequence[Panel], results: Results, columns: int = 2) -> Figure:
    """Return a figure with a panel for each of `shown`, and one legend for equal lines."""
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    width, height = (7.0, 4.8) if len(shown) == 1 else (5.5 * columns, 4.0 * rows + 0.6)
    figure, places = new_figure(rows, columns, width=width, height=height)
    figure.set_layout_engine("constrained", w_pad=0.16, h_pad=0.08)
    signs = signs_of(
        label for panel in shown if not isinstance(panel, Dots)
        for label in panel.labels(results).values()
    )  # fmt: skip
    named: dict[str, Line2D] = {}
    for ax, panel in zip(places, shown, strict=False):
        ax.set(xlabel=panel.x_label, ylabel=panel.y_label, title=literal(panel.title))
        ax.set_xscale("log" if panel.log_x else "linear")
        ax.set_yscale("log" if panel.log_y else "linear")
        for line in draw_panel(panel, ax, results, signs):
            named.setdefault(str(line.get_label()), line)
        _label_axes(panel, ax, results, inches=(width / columns - 1.2, height / rows - 1.4))
    for ax in places[len(shown) :]:
        ax.set_visible(False)
    figure.suptitle(fill(literal(title), int(width / TITLE_LETTER)), fontsize=14)
    if named:
        _legend(figure, list(named.values()))
    return figure


def _legend(figure: Figure, lines: Sequence[Line2D]) -> None:
    """Put the legend below the panels, in as many columns as its labels leave room for."""
    width = figure.get_figwidth() - 0.4
    for line in lines:
        line.set_label(fill(str(line.get_label()), int((width - ENTRY) / LETTER)))
    widest = max(len(part) for line in lines for part in str(line.get_label()).split("\n"))
    fitting = max(1, int(width / (ENTRY + LETTER * widest)))
    figure.legend(
        handles=list(lines), loc="outside lower center", frameon=False, fontsize=11,
        ncols=min(LEGEND_COLUMNS, fitting, len(lines)), handlelength=4,
    )  # fmt: skip


def _label_axes(panel: Panel, ax: Axes, results: Results, inches: tuple[float, float]) -> None:
    """Choose the numbers at the axes of a panel that is drawn, of a width and height in inches."""
    arms = panel.labels(results)
    rows = [r for r in results.rows if (r.part, r.measure) == (panel.part, panel.measure)]
    if panel.log_y:
        label_log(ax.yaxis, inches[1])
    else:
        values = [row.value for row in rows if row.arm in arms and math.isfinite(row.value)]
        counts = max(values, default=0) > 1 and _whole(values)  # 0 and 1 may be shares
        label_linear(ax.yaxis, whole=counts)
    if isinstance(panel, Dots):
        _name_arms(ax, list(arms.values()), inches[0])
    elif panel.log_x:
        label_log(ax.xaxis, inches[0])
    else:
        x = [place for line in ax.lines for place in np.asarray(line.get_xdata(), float)]
        label_linear(ax.xaxis, whole=_whole(x))


def _name_arms(ax: Axes, labels: Sequence[str], inches: float) -> None:
    """Write the names of the arms below dots; slanted, if they are too long side by side."""
    slanted = max(map(len, labels), default=0) * LETTER > inches / max(len(labels), 1)
    ax.set_xticks(
        range(len(labels)), [literal(label) for label in labels],
        rotation=25 if slanted else 0, ha="right" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )  # fmt: skip


def _whole(values: Iterable[float]) -> bool:
    return all(float(value).is_integer() for value in values)


@singledispatch
def draw_panel(
    panel: Panel,
    ax: Axes,  # noqa: ARG001
    results: Results,  # noqa: ARG001
    signs: Mapping[str, Sign],  # noqa: ARG001
) -> list[Line2D]:
    """Draw a panel on `ax`, each arm with the sign of its label; return the legend's lines."""
    raise TypeError(f"{type(panel).__name__} cannot be drawn")


@draw_panel.register
def _dots(panel: Dots, ax: Axes, results: Results, signs: Mapping[str, Sign]) -> list[Line2D]:  # noqa: ARG001
    labels = panel.labels(results)
    for place, arm in enumerate(labels):
        values = list(results.by_seed(panel.part, arm, panel.measure, panel.at).values())
        finite = [value for value in values if math.isfinite(value)]
        if not finite:
            continue
        offsets = np.linspace(LEFT, RIGHT, len(finite) + 2)[1:-1]
        ax.plot(place + offsets, finite, "o", color=GREY, markersize=5, alpha=0.6)
        low, middle, high = _interval(panel, finite)
        ax.errorbar(
            place + BESIDE, middle, [[middle - low], [high - middle]], fmt="D", color=BLACK,
            markersize=6, elinewidth=2, capsize=5,
        )  # fmt: skip
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.grid(visible=False, axis="x")
    found = [
        Line2D([], [], linestyle="", marker="o", color=GREY, alpha=0.6, label="a run"),
        Line2D(
            [], [], color=BLACK, linewidth=2, marker="D", markersize=6,
            label="mean, with its 95% interval",
        ),
    ]  # fmt: skip
    if panel.line:
        value, label = panel.line
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.6)
        found.append(Line2D([], [], color=GREY, linestyle="--", label=literal(label)))
    return found


@draw_panel.register
def _courses(panel: Courses, ax: Axes, results: Results, signs: Mapping[str, Sign]) -> list[Line2D]:
    shown, found = list[float](), list[Line2D]()
    for arm, label in panel.labels(results).items():
        curves = [
            results.curve(panel.part, arm, seed, panel.measure)
            for seed in results.seeds(panel.part)
        ]
        traces = _traces([(np.array(x), np.array(y)) for x, y in curves if x])
        if traces:
            found.append(_draw_course(panel, ax, traces, label, signs[label]))
        shown += [value for trace in traces for value in trace.y]
    if shown:  # a band may leave the panel
        ax.set_ylim(*_limits([*shown, *(level for level, _ in panel.lines)], log=panel.log_y))
    for value, label in panel.lines:
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.4)
        ax.annotate(  # beside the axes, where it covers no line
            literal(label), (1.01, value), xycoords=("axes fraction", "data"), ha="left",
            va="center", fontsize=10, color=GREY, annotation_clip=False,
        )  # fmt: skip
    return found


def _traces(curves: Sequence[tuple[Array, Array]]) -> list[Trace]:
    """Return curves as traces whose mean is taken at equal x.

    Seconds are equal in no two runs: then it is taken at the points of equal number.
    """
    shared = reduce(np.intersect1d, (x for x, _ in curves)) if curves else np.array([])
    return [Trace(x if len(shared) else np.arange(len(x)), x, y) for x, y in curves]


def _limits(values: Sequence[float], *, log: bool) -> tuple[float, float]:
    """Return the limits of an axis that shows all finite `values`, with a margin."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    if log:
        return low / 1.15, high * 1.15
    margin = 0.05 * ((high - low) or 1.0)
    return low - margin, high + margin


def _draw_course(
    panel: Courses, ax: Axes, traces: Sequence[Trace], label: str, sign: Sign
) -> Line2D:
    """Draw one arm: its runs thin; its mean thick, with a band. A run alone is drawn as a mean."""
    logs = panel.log_y  # the mean of logarithms: a band never reaches below zero
    middle = mean([t._replace(y=np.log10(t.y)) for t in traces] if logs else traces)
    if middle is None:
        return sign.draw(ax, traces[0].x, traces[0].y, label)
    for trace in traces:
        ax.plot(
            trace.x, trace.y, color=sign.colour, linewidth=0.9, alpha=0.4, markersize=2.5,
            marker="o" if len(trace.x) < FEW else None,
        )  # fmt: skip
    low, y, high = middle.y - middle.half, middle.y, middle.y + middle.half
    if logs:
        low, y, high = 10**low, 10**y, 10**high
    if is_share(panel, [value for trace in traces for value in trace.y]):
        low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    ax.fill_between(middle.x, low, high, color=sign.colour, alpha=0.15, linewidth=0)
    return sign.draw(ax, middle.x, y, label)


@draw_panel.register
def _means(panel: Means, ax: Axes, results: Results, signs: Mapping[str, Sign]) -> list[Line2D]:
    labels, named = panel.labels(results), list[Line2D]()
    lines = _lines_over_arms(panel, results) if panel.x_of else _lines_over_places(panel, results)
    for place, (arm, points) in enumerate(lines.items()):
        label = labels.get(arm, arm)
        sign = signs_of([label])[label] if panel.x_of else signs[label]
        x = np.array(list(points))
        found = [_interval(panel, values) for values in points.values()]
        low, y, high = (np.array(each) for each in zip(*found, strict=True))
        ax.errorbar(
            x, y, [y - low, high - y], color=sign.colour, fmt="none", elinewidth=1.6, capsize=4
        )
        named.append(sign.draw(ax, x, y, label, size=8))
        if panel.slope and place == 0:
            guide = y[0] * (x / x[0]) ** panel.slope[0]
            ax.plot(x, guide, ":", color=BLACK, linewidth=1.8, zorder=4)
    if len(lines) == 1:
        named = []
    if panel.slope:
        named.append(
            Line2D([], [], color=BLACK, linestyle=":", linewidth=1.8, label=literal(panel.slope[1]))
        )
    return named


Points = Mapping[float, list[float]]
"""x -> the values of the seeds there."""


def _lines_over_arms(panel: Means, results: Results) -> dict[str, Points]:
    points = {
        x: list(results.by_seed(panel.part, arm, panel.measure, panel.at).values())
        for arm, x in panel.x_of.items()
    }
    found = {x: points[x] for x in sorted(points) if points[x]}
    return {panel.part: found} if found else {}


def _lines_over_places(panel: Means, results: Results) -> dict[str, Points]:
    return {
        arm: {
            float(at): list(results.by_seed(panel.part, arm, panel.measure, at).values())
            for at in results.places(panel.part, arm, panel.measure)
        }
        for arm in panel.labels(results)
        if results.places(panel.part, arm, panel.measure)
    }


def is_share(panel: Panel, values: Iterable[float]) -> bool:
    """Return whether a panel shows shares: its names say so, and all values are from 0 to 1."""
    named = f"{panel.measure} {panel.y_label}".lower()
    return any(word in named for word in SHARES) and all(0 <= value <= 1 for value in values)


def _interval(panel: Panel, values: Sequence[float]) -> tuple[float, float, float]:
    """Return low, mean and high: of the logarithms, taken back, on a logarithmic axis.

    The interval of a share ends at 0 and 1.
    """
    logs = panel.log_y and min(values) > 0
    mean_of, half, _ = estimate([math.log(value) for value in values] if logs else values)
    half = half or 0.0
    low, high = mean_of - half, mean_of + half
    if logs:
        low, mean_of, high = math.exp(low), math.exp(mean_of), math.exp(high)
    if is_share(panel, values):
        low, high = max(low, 0.0), min(high, 1.0)
    return low, mean_of, high
