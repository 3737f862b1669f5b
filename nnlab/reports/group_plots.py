"""How a group of runs is drawn, in every picture of a comparison."""

from collections.abc import Iterable, Sequence
from itertools import product
from textwrap import shorten

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from nnlab.plots import BLUE, GREY, ORANGE, RED, TEAL, literal
from nnlab.reports.curves import Mean, Trace
from nnlab.reports.groups import Group, changed_keys
from nnlab.text import clipped
from nnlab.thinning import thinned

LINES: tuple[LineStyleType, ...] = ("-", "--", "-.", ":")
STYLES = list(product(LINES, (BLUE, ORANGE, TEAL, RED, GREY)))
FEW = 20  # a trace with fewer points has a marker at each point
LONGEST = 40  # characters of a label's keys
MOST_COLUMNS = 3  # of a legend
ENTRY, LETTER = 0.8, 0.09  # inches: an entry of a legend without its text, and a letter of it
READ_AS = "thin: a run; thick: the mean of a group; band: 95% interval of the mean"


def draw_group(ax: Axes, place: int, traces: Sequence[Trace], middle: Mean | None) -> None:
    """Draw the traces of the group number `place`, and their mean with its band if there is one."""
    style, colour = STYLES[place % len(STYLES)]
    alone = middle is None
    for trace in traces:
        kept = list(thinned([trace.y.data]))
        ax.plot(
            trace.x[kept], trace.y[kept], style if alone else "-", color=colour,
            linewidth=2 if alone else 0.9, alpha=1 if alone else 0.45,
            marker="o" if len(trace.x) < FEW else None, markersize=5 if alone else 2.5,
        )  # fmt: skip
    if middle is not None:
        low, high = middle.y - middle.half, middle.y + middle.half
        kept = list(thinned([low.data, middle.y.data, high.data]))
        x = middle.x[kept]
        ax.fill_between(x, low[kept], high[kept], color=colour, alpha=0.15, linewidth=0)
        ax.plot(x, middle.y[kept], style, color=colour, linewidth=2.6)


def group_legend(figure: Figure, groups: Sequence[Group], others: Iterable[Line2D] = ()) -> None:
    """Put a legend of the groups below the axes, after the lines `others`."""
    lines = [
        Line2D([], [], linestyle=style, color=colour, linewidth=2.6, label=label_of(group, groups))
        for group, (style, colour) in zip(groups, STYLES * len(groups), strict=False)
    ]
    handles = [*others, *lines]
    widest = ENTRY + LETTER * max(len(str(line.get_label())) for line in handles)
    fitting = max(1, int(figure.get_figwidth() / widest))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(MOST_COLUMNS, fitting, len(handles)),
        fontsize=11, frameon=False, handlelength=3,
    )  # fmt: skip


def label_of(group: Group, groups: Sequence[Group]) -> str:
    """Return a group's label with its changed keys and its size: `B: lr 0.02 (n 3)`."""
    keys = ", ".join(f"{key} {group.config[key]}" for key in changed_keys(groups))
    known = [shorten(keys, LONGEST, placeholder=" ...")] * bool(keys) + [
        f"repeat {group.repeat}"
    ] * (group.repeat > 1)
    one = len(group.members) == 1
    size = clipped(group.members[0].name, LONGEST // 2) if one else f"n {len(group.members)}"
    if not known and not one:
        names = [clipped(each.name, LONGEST // 2) for each in (group.members[0], group.members[-1])]
        known = [" to ".join(names)]
    return literal(
        f"{group.label}: {', '.join(known)} ({size})" if known else f"{group.label}: {size}"
    )
