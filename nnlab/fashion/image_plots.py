"""The plots of `nnlab fashion` that show images: training images, filters, worst mistakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from nnlab.plots import BLUE, RED, literal, literal_names

MISTAKES = (3, 4)  # rows, columns
SHOWN, ROW = 32, 11  # training images in a picture, and in one of its rows
FILTERS, CLASSES = 10, 10  # the most that stay readable
LETTERS = 14  # of a name above an image
DPI = 120
CELL, GAP = 84, 8  # side of an image and the space after it, in dots: CELL is 3 x 28, 6 x 14
# In the axes, an image and the space after it have the side 1. All lengths are whole dots, so that
# no pixel of an image is blurred.
EDGE = GAP / (CELL + GAP)
MIDDLE = (1 - EDGE) / 2  # of an image
ABOVE = 0.25  # a row of images: the space for its labels
APART = 1 + 2.5 * EDGE  # the maps: to the right of the filters, below the images
WIDE = 7  # the least width of the filters' axes, so that a title has room
FRAME = "#999999"  # around an image: its own edge is white
PAD = 0.12  # inches around a mistake
BEHIND = "#e4e4e4"  # so that the white edge of an image can be seen


def samples_figure(
    images: NDArray[Any],
    shown: NDArray[Any] | None,
    labels: NDArray[Any],
    names: Sequence[str],
    title: str,
    note: str,
) -> Figure:
    """Draw training images with their labels, each above what augmentation made of it.

    Args:
        images: The images, (n, side, side), with pixels from 0 to 1; n is at most SHOWN.
        shown: The same images as the network is shown them; None: there is no augmentation.
        labels: Their classes, (n,).
        names: The names of the classes.
        title: Title of the figure.
        note: The other lines of the title.
    """
    versions = [images] if shown is None else [images, shown]
    high = len(versions) + ABOVE  # of a row, with its labels
    rows, names = -(-len(images) // ROW), literal_names(names, LETTERS)
    margins = (0.25, 0.8, 0.25, 0.85)
    figure, ax = _tiles(ROW, rows * high, margins, f"{literal(title)}\n{note}")
    grey = _scale("gray_r")
    for first in range(0, len(images), ROW):
        top = first // ROW * high + ABOVE
        row = np.array([version[first : first + ROW] for version in versions])
        _draw(ax, row, 0, top, grey)
        for place, label in enumerate(labels[first : first + ROW]):
            where = place + MIDDLE, top - 0.03
            ax.text(*where, names[label], ha="center", va="bottom", fontsize=9, color=BLUE)
    _colour_bar(figure, grey, 0.25, "pixel / 255")
    return figure


def filters_figure(
    kernels: NDArray[Any],
    images: NDArray[Any],
    maps: NDArray[Any],
    labels: NDArray[Any],
    names: Sequence[str],
    title: str,
) -> Figure:
    """Draw the first filters, and beside each what it makes of one image of each class.

    Of many filters FILTERS are drawn: see `most_different`. The colours are relative to the largest
    weight of each filter, and to the largest value in each row of maps, which is written at its
    end.

    Args:
        kernels: The weights, (side, side, filters).
        images: One image of each class, (n, side, side), with pixels from 0 to 1.
        maps: What the filters make of them, after relu: (n, height, width, filters).
        labels: The classes of these images, (n,).
        names: The names of the classes.
        title: Title of the figure; its second line says which filters are drawn.
    """
    count, columns = kernels.shape[-1], len(images)
    chosen = most_different(maps, FILTERS)
    kernels, maps = kernels[..., chosen], maps[..., chosen]
    rows, largest = len(chosen), maps.max(axis=(0, 1, 2))  # (rows,)
    which = f"{rows} of {count}" + ", chosen to differ" * (count > rows)
    title = f"{literal(title)}\nfilters of the first block: {which}"
    end = APART + columns
    wide = max(end, WIDE) + 7 * EDGE
    figure, ax = _tiles(wide, APART + rows, (1.1, 0.8, 0.4, 1.6), title)
    _draw(ax, images[None], APART, 0, _scale("gray_r"))
    parts = kernels.transpose(2, 0, 1)[:, None] / _never_0(np.abs(kernels).max(axis=(0, 1)))
    weights, activations = _scale("RdBu_r", least=-1), _scale("Blues")
    _draw(ax, parts, 0, APART, weights)
    shares = maps.transpose(3, 0, 1, 2) / _never_0(largest)
    _draw(ax, shares, APART, APART, activations)
    for row, value in enumerate(largest):
        ax.text(end, APART + row + MIDDLE, f"{value:.2f}", va="center", fontsize=11)
    across = [MIDDLE, *(APART + MIDDLE + np.arange(columns)), end + 0.2]
    names = literal_names(names, LETTERS)
    above = ["filter", *(names[label] for label in labels), "largest"]
    ax.set_xticks(across, above, rotation=45, ha="left")
    down = [MIDDLE, *(APART + MIDDLE + np.arange(rows))]
    ax.set_yticks(down, ["image", *(f"{number}" for number in chosen + 1)])
    ax.set_ylabel("number of the filter")
    _colour_bar(figure, weights, 1.1, "weight / largest of its filter")
    _colour_bar(figure, activations, 4.5, "activation after relu / largest of its row")
    return figure


def _scale(colours: str, least: float = 0) -> ScalarMappable:
    """Return the colour map with this name, from `least` to 1."""
    return ScalarMappable(Normalize(least, 1), colours)


def _never_0(largest: NDArray[Any]) -> Any:
    """Return divisors for pictures (rows, columns, height, width) with these largest values."""
    return np.maximum(largest, 1e-30)[:, None, None, None]


def most_different(maps: NDArray[Any], most: int) -> NDArray[Any]:
    """Choose filters whose maps differ: each is the one that those before it explain least.

    These are the first pivots of a QR decomposition of the maps (Golub & Van Loan, "Matrix
    Computations", section 5.4.2): the part of each filter's maps that is a sum of multiples of the
    chosen maps is subtracted.

    Args:
        maps: The feature maps, (n, height, width, filters).
        most: How many to choose, at most.

    Returns:
        The filters' indices, the most different first.
    """
    rest = maps.reshape(-1, maps.shape[-1]).astype(np.float64)
    rest -= rest.mean(axis=0)  # a constant shows nothing
    chosen: list[int] = []
    for _ in range(min(most, rest.shape[1])):
        sizes = np.einsum("pf,pf->f", rest, rest)
        sizes[chosen] = -1  # rounding leaves a little of them
        chosen.append(int(sizes.argmax()))
        if sizes[chosen[-1]] > 0:
            direction = rest[:, chosen[-1]] / np.sqrt(sizes[chosen[-1]])
            rest -= np.outer(direction, direction @ rest)
    return np.array(chosen)


def _tiles(
    columns: float, rows: float, margins: tuple[float, float, float, float], title: str
) -> tuple[Figure, Axes]:
    """Return a figure, and grey axes for images.

    Args:
        columns: The width, in images.
        rows: The height, in images.
        margins: Left, below, right and above, in inches.
        title: Title of the figure.
    """
    left, below, right, above = margins
    across, down = ((n + EDGE) * (CELL + GAP) / DPI for n in (columns, rows))
    width, height = left + across + right, below + down + above
    figure = Figure(figsize=(width, height), dpi=DPI)
    ax = figure.add_axes((left / width, below / height, across / width, down / height))
    ax.set(xlim=(-EDGE, columns), ylim=(rows, -EDGE), facecolor=BEHIND, xticks=[], yticks=[])
    ax.set_autoscale_on(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=11)
    ax.yaxis.label.set_fontsize(12)
    figure.suptitle(title, x=(left + across / 2) / width, y=1 - 0.1 / height, fontsize=13)
    return figure, ax


def _draw(
    ax: Axes, pictures: NDArray[Any], left: float, top: float, colours: ScalarMappable
) -> None:
    """Draw pictures (rows, columns, height, width) side by side; each gets a square of side 1.

    One image of a row is ten times as fast as axes for each. It is made of colours, and does not
    hold all rows: matplotlib would make a dozen arrays of its size, in float64 or float32.
    """
    _, columns, height, width = pictures.shape
    y, x = np.arange(CELL) * height // CELL, np.arange(CELL) * width // CELL
    for number, row in enumerate(pictures):
        small = colours.to_rgba(row.swapaxes(0, 1).reshape(height, -1), bytes=True)
        cells = np.zeros((CELL + GAP, columns, CELL + GAP, 4), np.uint8)  # RGBA: transparent
        cells[:CELL, :, :CELL] = small.reshape(height, columns, width, 4)[y][:, :, x]
        whole = cells.reshape(CELL + GAP, columns * (CELL + GAP), 4)
        extent = (left, left + columns, top + number + 1, top + number)
        ax.imshow(whole, extent=extent, aspect="auto", interpolation="nearest")


def _colour_bar(figure: Figure, colours: ScalarMappable, left: float, label: str) -> None:
    """Draw the bar of `colours` below the axes, `left` inches from the edge."""
    width, height = figure.get_size_inches()
    ax = figure.add_axes((left / width, 0.55 / height, 2.4 / width, 0.12 / height))
    figure.colorbar(colours, cax=ax, orientation="horizontal")
    ax.set_xlabel(label, fontsize=11)


def mistakes_figure(
    images: NDArray[Any],
    true: NDArray[Any],
    probabilities: NDArray[Any],
    names: Sequence[str],
    title: str,
) -> Figure:
    """Draw the wrongly classified images with the highest predicted probability, highest first.

    Args:
        images: The images, (n, side, side).
        true: Their labels, (n,).
        probabilities: The predicted probability of each class, (n, classes).
        names: Names of the classes.
        title: Start of the title.
    """
    names = literal_names(names)
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != true)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][: MISTAKES[0] * MISTAKES[1]]
    figure = Figure(
        figsize=(10, 9.6), dpi=120, layout=ConstrainedLayoutEngine(h_pad=PAD, w_pad=PAD)
    )
    which = f"the {len(worst)} surest of {len(wrong):,} mistakes in {len(true):,}"
    figure.suptitle(f"{literal(title)}: {which}", fontsize=16)
    for place, ax in enumerate(figure.subplots(*MISTAKES).flat):
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_color(FRAME)
        ax.set_visible(place < len(worst))
        if place < len(worst):
            index = worst[place]
            ax.imshow(images[index], cmap="gray_r")
            ax.set_title(f"is {names[true[index]]}", fontsize=14, color=BLUE, pad=20)
            text = f"said {names[predicted[index]]} {sure[index]:.0%}"
            ax.text(0.5, 1.03, text, color=RED, fontsize=13, ha="center", transform=ax.transAxes)
    return figure
