"""The sign of each arm in the pictures of a study: colour, dashes, marker and width together."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.typing import LineStyleType

from nnlab.plots import BLUE, CYAN, MAGENTA, ORANGE, RED, TEAL, literal
from nnlab.reports.curves import Array

COLOURS = (BLUE, ORANGE, TEAL, RED, MAGENTA, CYAN)
DASHES: tuple[LineStyleType, ...] = (
    "-", (0, (4, 1.5)), (0, (6, 1.5, 1, 1.5)), (0, (1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 3)),
    (0, (2, 2)),
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDEST, NARROWEST = 4.0, 2.0  # points: a later line is drawn over an earlier, wider one
FEW = 20  # a line with fewer points has a marker at each
MARKED_EVERY = 0.2  # of the diagonal of the axes, on a line with many points


class Sign(NamedTuple):
    """How an arm looks: readers who see no difference between two colours have the other signs.

    Attributes:
        colour, dashes, marker: different for the first six arms, together for the first 42.
        width: of the mean's line, in points.
        first: where its first marker is, as a share of the diagonal of the axes.
    """

    colour: str
    dashes: LineStyleType
    marker: str
    width: float
    first: float

    def draw(self, ax: Axes, x: Array, y: Array, label: str, *, size: float = 7) -> Line2D:
        """Draw a line, with a marker of `size` points; return it as a legend shows it."""
        look: dict[str, Any] = {
            "color": self.colour, "linestyle": self.dashes if len(x) > 1 else "",
            "linewidth": self.width, "marker": self.marker, "markersize": size,
            "markeredgecolor": "white", "markeredgewidth": 0.5,
        }  # fmt: skip
        every = (self.first, MARKED_EVERY) if len(x) >= FEW else None
        ax.plot(x, y, markevery=every, **look)
        return Line2D([], [], label=literal(label), **look)


def signs_of(labels: Iterable[str]) -> dict[str, Sign]:
    """Return the sign of each label, in their order; the first line is the widest."""
    names = list(dict.fromkeys(labels))
    step = (WIDEST - NARROWEST) / max(len(names) - 1, 1)
    return {
        name: Sign(
            COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)],
            MARKERS[place % len(MARKERS)], WIDEST - step * place if len(names) > 1 else 2.6,
            MARKED_EVERY * (place + 0.5) / len(names),
        )
        for place, name in enumerate(names)
    }  # fmt: skip
