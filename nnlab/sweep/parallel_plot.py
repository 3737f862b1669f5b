"""Draw all settings as lines over one axis a key, coloured by what came of them."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure

from nnlab.plots import legend, new_figure
from nnlab.reports.curves import Array
from nnlab.sweep.history_plot import BLACK
from nnlab.sweep.scales import Scale, drawn, scale_of, stopped, value_scale
from nnlab.sweep.trial import Results, Trial

HEIGHT = 5.2  # inches
AXIS = 1.7  # inches: from one axis to the next
PALEST = 0.92  # of the colour map: beyond it, a line is too pale on white
CLEAR = 60  # lines that can be told apart; more are drawn thinner and paler


def parallel_figure(results: Results) -> Figure:
    """Return the figure; at least one trial is complete."""
    plan = results.plan
    scales = {key: scale_of(plan, key) for key in plan.space}
    trials = [*results.ranked, *stopped(results)]
    values = value_scale(results, [drawn(trial) for trial in trials])
    width = max(7.0, AXIS * len(scales) + 2.6)
    figure, (ax,) = new_figure(width=width, height=HEIGHT)
    norm = (LogNorm if values.log else Normalize)(values.low, values.high)
    colours = _colours(results)
    lines = np.array([_line(trial, scales, values) for trial in trials])
    shades = np.asarray(colours(norm([drawn(trial) for trial in trials])))
    _draw(ax, lines, shades, len(results.ranked))
    ax.plot(*lines[0].T, color="white", linewidth=8, zorder=3)
    best = f"best: trial {trials[0].number}"
    ax.plot(*lines[0].T, color=BLACK, linewidth=4.5, zorder=4, label=best)
    for place, scale in enumerate([*scales.values(), values]):
        _draw_axis(ax, place, scale)
    ax.set_xlim(-0.45, len(scales) + 0.25)
    ax.set_ylim(-0.04, 1.04)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.grid(visible=False)
    ax.set_yticks([])
    ax.set_xticks(range(len(scales) + 1), [*(s.label for s in scales.values()), values.label])
    ax.tick_params(axis="x", length=0, labelsize=12)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=ax, pad=0.01, aspect=30)
    ticks = values.ticks(HEIGHT - 1.0, across=False)
    bar.set_ticks(list(ticks), labels=list(ticks.values()))
    bar.ax.minorticks_off()
    bar.set_label(values.label, fontsize=12)
    legend(figure)
    return figure


def _colours(results: Results) -> Colormap:
    """Return the colours from the lowest to the highest value; the better, the darker."""
    shades = mpl.colormaps["viridis"](np.linspace(0, PALEST, 256))
    return ListedColormap(shades if results.plan.direction == "minimize" else shades[::-1])


def _line(trial: Trial, scales: dict[str, Scale], values: Scale) -> list[tuple[float, float]]:
    """Return the corners of the line of a trial: (number of the axis, share of its height)."""
    shares = [scale.share(scale.place(trial.keys[key])) for key, scale in scales.items()]
    return list(enumerate([*shares, values.share(drawn(trial))]))


def _draw(ax: Axes, lines: Array, colours: Array, whole: int) -> None:
    """Draw the lines, the best on top; many lines are thin and pale.

    Those after the first `whole` were stopped early, and are thinner.
    """
    crowd = max(1.0, len(lines) / CLEAR)
    width, alpha = max(0.6, 2.0 / crowd**0.5), max(0.25, 0.85 / crowd**0.4)
    widths = [width if place < whole else width / 2 for place in range(len(lines))]
    ax.add_collection(
        LineCollection(
            list(lines[::-1]), colors=colours[::-1], linewidths=widths[::-1], alpha=alpha
        )
    )


def _draw_axis(ax: Axes, place: int, scale: Scale) -> None:
    """Draw one vertical axis, with its labels at its left over the lines."""
    ax.plot([place, place], [0, 1], color=BLACK, linewidth=1.2, zorder=5)
    for at, text in scale.ticks(HEIGHT - 1.0, across=False).items():
        share = scale.share(at)
        ax.plot([place - 0.02, place], [share, share], color=BLACK, linewidth=1.2, zorder=5)
        ax.annotate(
            text, (place - 0.03, share), ha="right", va="center", fontsize=10, zorder=6,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
