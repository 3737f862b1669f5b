"""The pictures of `nnlab check`: the error of each block, and of each step size."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from nnlab.check.compare import Block
from nnlab.cubic.network import Array
from nnlab.plots import BLUE, GREY, ORANGE, TEAL, new_figure

STYLES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (TEAL, "D", "-."))
SMALLEST = 1e-17  # what is drawn for no error at all


def blocks_figure(blocks: Sequence[Block], title: str) -> Figure:
    """Draw the relative error of each block against each reference, and the limits."""
    figure, (ax,) = new_figure()
    at = range(len(blocks))
    for k, (way, (colour, marker, _)) in enumerate(zip(blocks[0].errors, STYLES, strict=False)):
        shifted = [position + 0.12 * (k - 1) for position in at]
        errors = [max(block.errors[way], SMALLEST) for block in blocks]
        ax.plot(shifted, errors, marker, color=colour, markersize=8, label=way)
        for position, block in zip(shifted, blocks, strict=True):
            ax.hlines(block.limits[way], position - 0.3, position + 0.3, color=colour, linewidth=1)
    ax.set_yscale("log")
    ax.set_xticks(at, [block.name + ("\nWRONG" if block.wrong else "") for block in blocks])
    ax.set(title=title, ylabel="relative error (thin lines: limits)", ylim=(1e-17, 10))
    ax.legend(loc="best", fontsize=11, frameon=False)
    return figure


def steps_figure(steps: Array, errors: Mapping[str, Sequence[float]], title: str) -> Figure:
    """Draw the error of each way to differentiate by its step size h; differences make a V.

    Args:
        steps: h, (sizes,).
        errors: for each way its error at each h, relative to the exact gradient, worst block.
        title: what was differentiated.
    """
    figure, (ax,) = new_figure()
    for (way, error), (colour, marker, style) in zip(errors.items(), STYLES, strict=False):
        shown = [max(e, SMALLEST) for e in error]
        ax.plot(steps, shown, style, color=colour, marker=marker, markersize=4, label=way)
    ax.text(1e-8, 2e-3, "rounding, ~ 1/h", fontsize=11, color=GREY)
    ax.text(1, 1e-8, "truncation, ~ h²", fontsize=11, color=GREY, ha="right")
    ax.set(xscale="log", yscale="log", title=title, xlabel="step size h", ylim=(1e-17, 1e2))
    ax.set_ylabel("error relative to the exact gradient")
    ax.legend(loc="lower right", fontsize=11, frameon=False)
    return figure
