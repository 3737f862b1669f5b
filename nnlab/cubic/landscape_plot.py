"""The figure of `nnlab landscape`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from nnlab.cubic.landscape import Landscape
from nnlab.cubic.network import Array
from nnlab.cubic.plots import DECADE
from nnlab.plots import BLUE, HIGHEST, LOWEST, ORANGE, RED, legend, new_figure

LEVELS = 24  # of the contours


def landscape_figure(found: Landscape) -> Figure:
    """Draw the contours with the path of the run, and beside them the loss of both.

    The title says which share of the variance of the path lies in the plane: without it, the
    contours cannot be read.
    """
    figure, (left, right) = new_figure(1, 2, width=12, height=5.4)
    config, shares = found.config, found.plane.shares
    figure.suptitle(
        f"The plane holds {sum(shares):.1%} of the variance of the path: "
        f"{config.hidden} + {config.hidden} logistic units, lr {config.lr:g}, "
        f"{found.steps[-1]:,} steps",
        fontsize=13,
    )
    _draw_plane(figure, left, found)
    steps = found.steps
    own, below = _drawn(found.of_path), _drawn(found.of_projections)
    right.plot(steps, own, color=BLUE, linewidth=2.2, label="loss of the run itself")
    right.plot(
        steps, below, "--", color=ORANGE, linewidth=2.2,
        label="loss of the plane at its projection",
    )  # fmt: skip
    right.set_xscale("symlog", linthresh=1)
    if own.max() > DECADE * own.min() or below.max() > DECADE * below.min():
        right.set_yscale("log")
    right.set(
        xlabel="gradient steps", ylabel="loss", xlim=(0, steps[-1]),
        title="where the lines part, the contours mislead",
    )  # fmt: skip
    legend(figure, columns=5)
    return figure


def _draw_plane(figure: Figure, ax: Axes, found: Landscape) -> None:
    """Draw the contours of the loss, and the projection of the path."""
    values = _drawn(found.losses)
    low, high = float(values.min()), float(values.max())
    if high < low * 1.001:  # a flat plane has no contours
        low, high = low / 2, high * 2
    levels = np.geomspace(low, high * (1 + 1e-9), LEVELS)
    norm, digits = LogNorm(low, high), 2 if high > 2 * low else 5
    filled = ax.contourf(found.a, found.b, values, levels, norm=norm, cmap="viridis_r")
    ax.contour(found.a, found.b, values, levels, norm=norm, colors="white", linewidths=0.4)
    bar = figure.colorbar(filled, ax=ax)
    ticks = levels[::4].tolist()
    bar.set_ticks(ticks, labels=[f"{level:.{digits}g}" for level in ticks])
    bar.set_label("loss", fontsize=12)
    a, b = found.plane.path.T
    ax.plot(a, b, "o-", color=RED, markersize=2.5, linewidth=1.2, label="path, projected")
    ends = ((0, "s", "start"), (-1, "*", "end"))
    for index, marker, name in ends:
        ax.plot(
            a[index], b[index], marker, color=RED, markeredgecolor="black", linestyle="none",
            markersize=13 if marker == "*" else 8, label=name, zorder=3,
        )  # fmt: skip
    one, two = found.plane.shares
    ax.set(
        xlabel=f"direction 1 ({one:.1%} of the variance)",
        ylabel=f"direction 2 ({two:.1%})",
        title=f"loss over {found.points:,} training points",
    )
    ax.grid(visible=False)


def _drawn(values: Array) -> Array:
    """Return losses that a logarithmic axis can show."""
    drawn: Array = np.clip(np.nan_to_num(values, nan=HIGHEST, posinf=HIGHEST), LOWEST, HIGHEST)
    return drawn
