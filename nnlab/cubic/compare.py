"""What `nnlab compare` draws for `nnlab cubic` alone: the fits of the groups, and their errors."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nnlab.cubic import data
from nnlab.cubic.axes import axes
from nnlab.cubic.network import Array, Backpropagation
from nnlab.cubic.restored import parameters
from nnlab.errors import NnlabError
from nnlab.plots import GREY, new_figure
from nnlab.reports.compare import Comparison
from nnlab.reports.comparing import Comparing, Drawn
from nnlab.reports.curves import Trace, mean
from nnlab.reports.group_plots import READ_AS, draw_group, group_legend
from nnlab.reports.groups import Group, Member

HIGHEST = 16.0  # limit of a y axis, so that one wild fit does not flatten the others


def draw(found: Comparison) -> Drawn:
    """Draw the fits; a run without weights is named in a note."""
    notes: list[str] = []
    fits = [
        [fit for member in group.members if (fit := _fit(member, notes)) is not None]
        for group in found.groups
    ]
    return Drawn({"fits.png": fits_figure(found.groups, fits)} if any(fits) else {}, notes)


def _fit(member: Member, notes: list[str]) -> Array | None:
    """Return f on the grid, (81,); None with a note if the run has no weights that can be used."""
    try:
        found, note = parameters(member.saved)
    except NnlabError as error:
        notes.append(f"fits.png is without {member.name}: {error}")
        return None
    notes.extend([f"fits.png: {note}"] if note else [])
    return data.on_grid(Backpropagation(found, len(data.GRID)))


def fits_figure(groups: Sequence[Group], fits: Sequence[Sequence[Array]]) -> Figure:
    """Draw the fits of each group over x^3, and below them the errors f - x^3.

    Args:
        groups: the groups.
        fits: for each group, f on the grid of each run, (81,).
    """
    figure, (top, below) = new_figure(2, height=7, ratios=(3, 2))
    for place, each in enumerate(fits):
        for ax, base in ((top, 0), (below, data.GRID**3)):
            values = [fit - base for fit in each]
            found = [Trace(data.GRID, data.GRID, y) for y in values]
            draw_group(ax, place, found, mean(found))
    for ax, truth in ((top, data.GRID**3), (below, np.zeros_like(data.GRID))):
        (cube,) = ax.plot(data.GRID, truth, "--", color=GREY, linewidth=1.5, label="x³")
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, -HIGHEST), min(high, HIGHEST))
    top.set(title="fits of x³, and their errors", ylabel="y")
    below.set(xlabel="x", ylabel="network − x³")
    if any(len(each) > 1 for each in fits):
        below.set_title(READ_AS, fontsize=11, color=GREY)
    group_legend(figure, groups, [cube])
    return figure


COMPARING = Comparing(axes=axes, draw=draw)
