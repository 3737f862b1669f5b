"""The figure units.png: how the units of a network make its fit."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nnlab.cubic.network import Array
from nnlab.plots import BLUE, CYAN, GREY, MAGENTA, ORANGE, RED, TEAL, legend, tidy

STYLES: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"), (ORANGE, "--"), (TEAL, "-."), (CYAN, ":"), (MAGENTA, (0, (5, 1, 1, 1, 1, 1))),
)  # fmt: skip
"""Colour and dashes of each unit with a large contribution."""

MOST = 500  # units of a layer that are drawn


def units_figure(grid: Array, h1: Array, h2: Array, w3: Array, b3: Array, title: str) -> Figure:
    """Draw the activations of both layers, and the network as the sum of its contributions.

    The contribution of unit i is W3_i h2_i(x), and f is the sum of all of them and b3. The units
    with the largest variance of the contribution over the grid are drawn one by one; the others and
    b3 are drawn as one sum.

    Args:
        grid: x, (points,).
        h1: Activations of the first layer, (points, hidden).
        h2: Activations of the second layer, (points, hidden).
        w3: W3, (1, hidden).
        b3: b3, (1,).
        title: Title of the figure.
    """
    figure = Figure(figsize=(8, 8), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic([["first", "second"], ["sum", "sum"]], height_ratios=[2, 3])
    for ax in axes.values():
        tidy(ax)
    _draw_layer(axes["first"], grid, h1, "h_1", "first")
    _draw_layer(axes["second"], grid, h2, "h_2", "second")
    contributions = h2 * w3  # (points, hidden)
    largest = np.argsort(-contributions.var(axis=0), kind="stable")[: len(STYLES)]
    below, count = axes["sum"], h2.shape[1] - len(largest)
    total = contributions.sum(axis=1) + b3
    rest = total - contributions[:, largest].sum(axis=1)
    below.plot(grid, grid**3, color=RED, linewidth=4, alpha=0.5, label="$x^3$")
    below.plot(grid, total, color="black", linewidth=1.5, label="network")
    name = f"the other {_units(count)} + $b_3$" if count else "$b_3$"
    below.plot(grid, rest, color=GREY, linewidth=3, alpha=0.7, label=name)
    for unit, (colour, dashes) in zip(largest, STYLES, strict=False):
        style: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 2}
        axes["second"].plot(grid, h2[:, unit], **style)
        below.plot(grid, contributions[:, unit], label=f"unit {unit + 1}", **style)
    below.set_title("the network is the sum of the grey and the coloured lines")
    below.set(xlabel="x", ylabel="contribution to y: $W_{3i} h_{2i}(x)$")
    figure.suptitle(title, fontsize=13)
    legend(figure)
    return figure


def _draw_layer(ax: Axes, grid: Array, h: Array, symbol: str, which: str) -> None:
    """Draw the activations h (points, hidden) of a layer, MOST of them at most, as thin lines."""
    hidden = h.shape[1]
    few = h[:, :MOST]
    lines = np.stack([np.broadcast_to(grid[:, None], few.shape), few], axis=-1).swapaxes(0, 1)
    alpha = max(0.25, min(1.0, 20 / hidden))
    ax.add_collection(LineCollection(list(lines), colors=GREY, linewidths=0.8, alpha=alpha))
    part = f"{MOST} of " if hidden > MOST else ""
    ax.set(title=f"{which} layer: {part}{_units(hidden)}", xlabel="x")
    ax.set(ylabel=f"activation ${symbol}(x)$", ylim=(-0.02, 1.02))
    ax.set_xlim(grid[0], grid[-1])


def _units(count: int) -> str:
    return f"{count:,} unit{'s' * (count != 1)}"
