"""A curve drawn with characters: Braille dots in a terminal, plain ASCII elsewhere."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from nnlab.thinning import thinned

# The dots of a Braille character: the bit of each, by column and row (Unicode, block U+2800).
BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
TICKS = 4  # rows between two labels of the y axis
STRETCHES = 8  # of a long line, for each character across
DIGITS = (3, 5, 10, 17)  # of a label: the fewest that tell the labels apart


class Style(NamedTuple):
    """The characters of a drawing.

    Attributes:
        across, down: dots in a character.
        vertical, tick, corner, horizontal: of the axes; the tick stands at a label.
    """

    across: int
    down: int
    vertical: str
    tick: str
    corner: str
    horizontal: str


FINE = Style(2, 4, "│", "┤", "└", "─")
PLAIN = Style(1, 1, "|", "+", "+", "-")


def draw(
    x: Sequence[float],
    y: Sequence[float],
    *,
    x_name: str,
    width: int,
    height: int,
    log: bool = False,
    fine: bool = False,
) -> list[str]:
    """Return the lines of a picture of the points (x, y), joined by straight lines.

    Args:
        x: finite numbers.
        y: as many finite numbers; positive if `log`.
        x_name: what stands below the x axis.
        width: of the whole, in characters.
        height: the same.
        log: whether the y axis is logarithmic.
        fine: whether the terminal can show Braille dots; else all characters are ASCII.
    """
    kept = thinned([y], STRETCHES * width)
    x, y = [x[i] for i in kept], [y[i] for i in kept]
    style = FINE if fine else PLAIN
    scale: Callable[[float], float] = math.log if log else float
    back: Callable[[float], float] = math.exp if log else float
    heights = [scale(value) for value in y]
    low, high = min(heights), max(heights)
    if low == high:
        room = abs(low) / 10 or 1.0
        low, high = low - room, high + room  # a constant is a line in the middle
    rows = height - 2  # the axis and its labels stand below
    labels = _labels(
        {row: back(high - (high - low) * (row / (rows - 1))) for row in range(0, rows, TICKS)}
    )
    margin = max(map(len, labels.values()))
    columns = width - margin - 2
    dots = _dots(x, [(high - each) / (high - low) for each in heights], columns, rows, style)
    lines = [
        f"{labels.get(row, ''):>{margin}} {style.tick if row in labels else style.vertical}"
        + "".join(_character(dots, column, row, style) for column in range(columns)).rstrip()
        for row in range(rows)
    ]
    first, last = f"{min(x):,}", f"{max(x):,}"
    room = columns - len(first) - len(last)
    below = f"{first}{x_name:^{room}}{last}" if len(x_name) < room else f"{first:<{columns}}"
    return [
        *lines,
        " " * margin + f" {style.corner}{style.horizontal * columns}",
        " " * (margin + 2) + below,
    ]


def _labels(values: Mapping[int, float]) -> dict[int, str]:
    """Return the labels of some rows."""
    for digits in DIGITS:
        labels = {row: f"{value:.{digits}g}" for row, value in values.items()}
        if len(set(labels.values())) == len(labels):
            break
    return labels


def _dots(
    x: Sequence[float], depths: Sequence[float], columns: int, rows: int, style: Style
) -> set[tuple[int, int]]:
    """Return the dots (column, row) on the line; depth 0 is the top row, 1 the bottom row."""
    wide, deep = columns * style.across - 1, rows * style.down - 1
    left, span = min(x), (max(x) - min(x)) or 1
    points = [
        ((each - left) / span * wide, depth * deep) for each, depth in zip(x, depths, strict=True)
    ]
    dots = {(round(a), round(b)) for a, b in points}
    for (a, b), (c, d) in pairwise(points):
        steps = math.ceil(max(abs(c - a), abs(d - b)))  # less than a dot each
        dots |= {
            (round(a + (c - a) * step / steps), round(b + (d - b) * step / steps))
            for step in range(1, steps)
        }
    return dots


def _character(dots: set[tuple[int, int]], column: int, row: int, style: Style) -> str:
    """Return the character that shows the dots of one cell."""
    if style is PLAIN:
        return "*" if (column, row) in dots else " "
    bits = sum(
        BRAILLE[across][down]
        for across in range(style.across)
        for down in range(style.down)
        if (column * style.across + across, row * style.down + down) in dots
    )
    return chr(0x2800 + bits) if bits else " "
