"""What a page with a slider shows of a run: numbers and pictures, one of each for every frame.

An experiment fills a Film with its values; `nnlab.reports.film_pack` makes them small, and
`nnlab.reports.film_page` shows them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.console.view import View
from nnlab.reports.film_axis import Array, Axis
from nnlab.runs.saved import SavedRun

FRAMES = 120  # of a film, about


@dataclass(frozen=True)
class Panel:
    """One picture for each frame. The panels of two films agree in all but their values.

    Attributes:
        title: its heading.
        caption: what to look for, in one sentence.
        y: its vertical axis, or the scale of its colours.
        strip: whether it is one of the still pictures.
    """

    title: str
    caption: str
    y: Axis
    strip: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Lines(Panel):
    """Lines over the same x that change from frame to frame.

    Attributes:
        x: the horizontal axis.
        at: the x of the points, (points,).
        moving: the lines, (frames, lines, points).
        colour: of the moving lines, a colour of report.css.
        still: what does not change, drawn below: name -> (points,).
        fine: whether a value is kept in 16 bits, not 8.
    """

    x: Axis
    at: Array
    moving: Array
    colour: str = "blue"
    still: Mapping[str, Array] = field(default_factory=dict)
    fine: bool = False


@dataclass(frozen=True)
class Curves(Panel):
    """Curves over the frames, all of them at once, with a cursor at the frame that is shown.

    Attributes:
        lines: name -> (frames,).
    """

    lines: Mapping[str, Array]


@dataclass(frozen=True)
class Grid(Panel):
    """A picture of numbers; if `y` starts below 0, the colours go two ways from 0.

    Attributes:
        values: (frames, rows, columns); NaN is left empty.
        across: what the columns are.
        down: what the rows are.
        names: of the rows and of the columns, if both are the same things.
    """

    values: Array
    across: str = ""
    down: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Gallery(Panel):
    """Images, each with the class that the network sees in it; `y` is the scale of a pixel.

    Attributes:
        images: (images, side, side), pixels.
        names: of the classes.
        true: the class of each image, (images,).
        predicted: (frames, images).
    """

    images: NDArray[np.uint8]
    names: Sequence[str]
    true: NDArray[np.int64]
    predicted: NDArray[np.int64]


@dataclass(frozen=True)
class Film:
    """All frames of one run.

    Attributes:
        name: of the run.
        unit: what the frames count, `step` or `epoch`.
        at: steps or epochs of the frames, ascending.
        numbers: name -> one for each frame.
        panels: the pictures.
        notes: what a reader should know.
        equal: whether the training ended at model.npz again, to the bit.
    """

    name: str
    unit: str
    at: Sequence[int]
    numbers: Mapping[str, Sequence[float]]
    panels: Sequence[Panel]
    notes: Sequence[str] = ()
    equal: bool = True


def narrowed(film: Film, units: int) -> Film:
    """Return a film that shows fewer lines, rows and columns of each panel, and says so."""
    panels: list[Panel] = []
    for panel in film.panels:
        if isinstance(panel, Lines):
            panels.append(replace(panel, moving=panel.moving[:, :units]))
        elif isinstance(panel, Grid):
            panels.append(replace(panel, values=panel.values[:, :units, :units]))
        else:
            panels.append(panel)
    note = f"To keep this page small, only the first {units} units of a layer are shown."
    return replace(film, panels=panels, notes=[*film.notes, note])


class Filming(NamedTuple):
    """How an experiment makes a film of a finished run; both functions raise NnlabError.

    Attributes:
        last: returns the last step or epoch of a run.
        film: takes (run, steps or epochs of the frames, view).
    """

    last: Callable[[SavedRun], int]
    film: Callable[[SavedRun, Sequence[int], View], Film]


def log_spaced(last: int, count: int = FRAMES) -> list[int]:
    """Return about `count` whole numbers from 0 to `last`, both included, evenly spaced in log."""
    if last < count:
        return list(range(last + 1))
    tried, found = count - 1, np.array([1])
    while len(found) < count - 1:  # the first ones round to the same numbers
        found = np.unique(np.geomspace(1, last, tried).round().astype(np.int64))
        tried += count - 1 - len(found)
    return [0, *found.tolist()]
