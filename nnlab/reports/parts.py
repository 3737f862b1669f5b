"""What a page of a report is made of: plain data, no markup."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

WIDE = 960  # pixels: a picture with more cannot be read at half the width of a page


class Table(NamedTuple):
    """A table with a title.

    Attributes:
        title: heading above it.
        header: the names of the columns; the first column names the row.
        rows: one text a column.
        caption: what to look for.
        right: the columns that are aligned to the right, as numbers are.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    right: Collection[str] = ()


class Chart(NamedTuple):
    """A figure that is part of the page.

    Attributes:
        title: heading above it.
        svg: an `<svg>` element.
        caption: what its lines are, or what to look for.
    """

    title: str
    svg: str
    caption: str = ""


class Number(NamedTuple):
    """A metric and its value at the end of a run.

    Attributes:
        name: of the metric.
        value: as people read it.
        unit: what it counts; "" for a ratio.
        best: the best logged value and where it was; "" if it was not logged.
        meaning: one line.
    """

    name: str
    value: str
    unit: str
    best: str
    meaning: str


class Picture(NamedTuple):
    """A picture that is inside the page.

    Attributes:
        name: of its file.
        uri: the picture as a `data:` address.
        still: the last picture of a moving one, as a `data:` address; else "".
        width, height: in pixels.
        caption: what to look for.
    """

    name: str
    uri: str
    still: str
    width: int
    height: int
    caption: str

    @property
    def wide(self) -> bool:
        """Whether its letters can only be read over the whole width of the page."""
        return self.width > WIDE or self.width > 2 * self.height


class Key(NamedTuple):
    """A key of a config.

    Attributes:
        name: of the key.
        value: as a user types it.
        default: as a user types it; "" for a key that this nnlab does not have.
        differs: whether the value is not the default.
        meaning: one line.
    """

    name: str
    value: str
    default: str
    differs: bool
    meaning: str


class Fact(NamedTuple):
    """A line about where a run came from."""

    name: str
    value: str


class Command(NamedTuple):
    """A command that a reader may run.

    Attributes:
        why: what it is for.
        line: ready to paste into a shell.
    """

    why: str
    line: str
