"""The figures of `nnlab check`: error by block, and error by step size h."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from nnlab.cubic.check.compare import Block
from nnlab.cubic.network import Array
from nnlab.plots import BLUE, ORANGE, TEAL, legend, new_figure, powers

STYLES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (TEAL, "D", "-."))
SMALLEST, HIGHEST = 1e-17, 1e2  # drawn errors are limited to this range


def blocks_figure(blocks: Sequence[Block], title: str) -> Figure:
    """Draw the relative error of each block against each reference, and its limit."""
    figure, (ax,) = new_figure()
    at = range(len(blocks))
    for k, (method, (colour, marker, _)) in enumerate(zip(blocks[0].errors, STYLES, strict=False)):
        shifted = [position + 0.12 * (k - 1) for position in at]
        errors = [_shown(block.errors[method]) for block in blocks]
        ax.plot(shifted, errors, marker, color=colour, markersize=8, label=method)
        for position, block in zip(shifted, blocks, strict=True):
            ax.hlines(
                _shown(block.limits[method]),
                position - 0.06,
                position + 0.06,
                color=colour,
                linewidth=2,
            )
    ax.set_yscale("log")
    powers(ax.yaxis)
    ax.set_xticks(at, [f"{block.name}\n{block.verdict}" for block in blocks])
    ax.set(title=title, ylabel="relative error (bars: limits)", ylim=(SMALLEST / 3, HIGHEST))
    legend(figure)
    return figure


def steps_figure(steps: Array, errors: Mapping[str, Sequence[float]], title: str) -> Figure:
    """Draw the error of each numerical derivative over h; central differences make a V.

    Args:
        steps: the step sizes h, (sizes,).
        errors: for each method, the relative error of its worst block at each h.
        title: title of the figure.
    """
    figure, (ax,) = new_figure()
    for (method, error), (colour, marker, style) in zip(errors.items(), STYLES, strict=False):
        shown = list(map(_shown, error))
        ax.plot(steps, shown, style, color=colour, marker=marker, markersize=4, label=method)
    ax.set(xscale="log", yscale="log", title=title, ylim=(SMALLEST / 3, HIGHEST))
    powers(ax.xaxis)
    powers(ax.yaxis)
    ax.set(xlabel="step size h   (rounding ~ 1/h at its left, truncation ~ h² at its right)")
    ax.set_ylabel("error relative to the exact gradient")
    legend(figure)
    return figure


def _shown(error: float) -> float:
    """Limit an error to the range of the axis; nan and infinity are drawn at the top."""
    return min(max(error, SMALLEST), HIGHEST) if math.isfinite(error) else HIGHEST
