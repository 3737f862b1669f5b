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
"""Colour and dashes of each group of units."""

MOST = 500  # units of a layer that are drawn
TITLE = 11  # points, for the longest title of a layer
DEAD = 0.01  # a unit whose activation changes by less over the grid


def units_figure(grid: Array, h1: Array, h2: Array, w3: Array, b3: Array, title: str) -> Figure:
    """Draw the activations of both layers, and the network as the sum of its contributions.

    The contribution of unit i is W3_i h2_i(x), and f is the sum of all of them and b3. Units with
    similar contributions are one group (see `alike`), drawn as its sum. Units of the second layer
    that are dead, so that their contribution is a constant, are drawn with b3 as one sum.

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
    dead = np.ptp(h2, axis=0) < DEAD
    contributions = h2 * w3  # (points, hidden)
    (alive,) = np.nonzero(~dead)
    groups = [alive[group] for group in alike(contributions[:, alive], len(STYLES))]
    colours = np.full(len(dead), GREY)
    for group, (colour, _) in zip(groups, STYLES, strict=False):
        colours[group] = colour
    _draw_layer(axes["first"], grid, h1, "h₁", "first", [GREY])
    _draw_layer(axes["second"], grid, h2, "h₂", "second", list(colours))
    count = int(dead.sum())
    if count:
        with_dead = f"{axes['second'].get_title()}, {count:,} dead"
        axes["second"].set_title(with_dead, fontsize=TITLE)
    total = contributions.sum(axis=1) + b3
    rest = contributions[:, dead].sum(axis=1) + b3
    below = axes["sum"]
    below.plot(grid, grid**3, color=RED, linewidth=4, alpha=0.5, label="x³")
    below.plot(grid, total, color="black", linewidth=1.5, label="network")
    name = f"b₃ + {count:,} dead unit{'s' * (count != 1)}" if count else "b₃"
    below.plot(grid, rest, color=GREY, linewidth=3, alpha=0.7, label=name)
    for (first, *others), (colour, dashes) in zip(groups, STYLES, strict=False):
        style: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 2}
        axes["second"].plot(grid, h2[:, first], **style)
        name = f"unit {first + 1}" + f" + {len(others):,} like it" * bool(others)
        below.plot(grid, contributions[:, [first, *others]].sum(axis=1), label=name, **style)
    below.set_title("the network is the sum of the grey and the coloured lines")
    below.set(xlabel="x", ylabel="contribution to y: sum of W₃ᵢ h₂ᵢ(x)")
    figure.suptitle(title, fontsize=13)
    legend(figure)
    return figure


def alike(contributions: Array, most: int) -> list[Array]:
    """Sort units into groups whose contributions have a similar shape.

    The first unit of a group is the one whose contribution is farthest from the multiples of those
    chosen before; the first of all has the largest variance. Each other unit joins the one with
    which its contribution has the highest correlation over the grid.

    Args:
        contributions: Contribution of each unit, (points, units).
        most: How many groups to make, at most.

    Returns:
        The indices of the units of each group, the chosen one first.
    """
    shapes = contributions - contributions.mean(axis=0)
    shapes /= np.abs(shapes).max(initial=0) or 1  # so that no square is too large
    sizes = np.linalg.norm(shapes, axis=0)  # (units,)
    shapes /= np.where(sizes > 0, sizes, 1)
    chosen: list[int] = []
    nearest = np.zeros(len(sizes))  # the correlation with the chosen unit that is most similar
    for _ in range(min(most, len(sizes))):
        far = sizes**2 * (1 - nearest**2)
        far[chosen] = -1
        chosen.append(int(far.argmax()))
        nearest = np.maximum(nearest, shapes[:, chosen[-1]] @ shapes)
    if not chosen:
        return []
    group = (shapes[:, chosen].T @ shapes).argmax(axis=0)  # (units,)
    group[chosen] = -1
    return [np.append(unit, np.flatnonzero(group == place)) for place, unit in enumerate(chosen)]


def _draw_layer(
    ax: Axes, grid: Array, h: Array, symbol: str, which: str, colours: list[str]
) -> None:
    """Draw the activations h (points, hidden) of a layer, MOST of them at most, as thin lines."""
    hidden = h.shape[1]
    few = h[:, :MOST]
    lines = np.stack([np.broadcast_to(grid[:, None], few.shape), few], axis=-1).swapaxes(0, 1)
    thin: dict[str, Any] = {"linewidths": 0.8, "alpha": max(0.25, min(1.0, 20 / hidden))}
    ax.add_collection(LineCollection(list(lines), colors=colours[:MOST], **thin))
    part = f"{MOST} of " if hidden > MOST else ""
    ax.set_title(f"{which} layer: {part}{_units(hidden)}", fontsize=TITLE)
    ax.set(xlabel="x", ylabel=f"activation {symbol}(x)", ylim=(-0.02, 1.02))
    ax.set_xlim(grid[0], grid[-1])


def _units(count: int) -> str:
    return f"{count:,} unit{'s' * (count != 1)}"
