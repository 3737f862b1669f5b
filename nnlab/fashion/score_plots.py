"""The plots of the scores of a test: confusion matrix and calibration."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nnlab.fashion.tested import Tested
from nnlab.plots import BLUE, GREY, ORANGE, legend, literal, literal_names, new_figure

FEW, MOST_WITH_NUMBERS, MOST_NAMED = 12, 30, 64  # classes of a confusion matrix
MOST_INCHES = 13
FEW_IMAGES = 10  # of a bin, that say little
EDGE = 0.2  # after the counts: a gap, then recall or precision


def confusion_figure(counts: NDArray[Any], names: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix: the colour is the share of the row, the number is the count.

    To the right is the recall of each class: the share of its images that were predicted as this
    class. Below is the precision: the share of the images predicted as this class that belong to
    it. In the corner is the accuracy. With more than 30 classes there is only room for the colours.

    Args:
        counts: Number of images by true (row) and predicted (column) class, (classes, classes).
        names: Names of the classes.
        title: Title of the figure.
    """
    width = matrix_width(len(names))
    figure, (ax,) = new_figure(width=width, height=width - 1)
    has_numbers = len(names) <= MOST_WITH_NUMBERS
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    norm = PowerNorm(1 if has_numbers else 0.5, vmin=0, vmax=1)  # 0.5: small shares can be seen
    image = ax.imshow(share, cmap="Blues", norm=norm)
    if has_numbers:
        _write_numbers(ax, counts, share, 10 if len(names) <= FEW else 9)
    name_classes(ax, names, edge=("recall", "precision") if has_numbers else None)
    ax.set_title(literal(title))
    bar = figure.colorbar(image, ax=ax, shrink=0.8)
    bar.set_label("share of the true class", fontsize=11)
    return figure


def matrix_width(classes: int) -> float:
    """Return the width of a figure with a matrix of so many classes, in inches."""
    return min(8 + 0.3 * max(classes - 10, 0), MOST_INCHES)


def name_classes(ax: Axes, names: Sequence[str], *, edge: tuple[str, str] | None = None) -> None:
    """Name the rows and columns of a confusion matrix, and what lies after its last ones.

    Args:
        ax: The axes of the matrix.
        names: Names of the classes.
        edge: What is to the right of the matrix, and what is below it.
    """
    step = -(-len(names) // MOST_NAMED)  # every name, or every second, ...
    ticks: list[float] = [*range(0, len(names), step)]
    shown = literal_names(names)[::step]
    across, down = ([*shown, end] for end in edge) if edge else (shown, shown)
    ticks += [len(names) + EDGE] * bool(edge)
    ax.set_xticks(ticks, across, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(ticks, down)
    few, some = len(names) <= FEW, len(names) <= MOST_WITH_NUMBERS
    ax.tick_params(labelsize=11 if few else 10 if some else 8)
    ax.set(xlabel="predicted", ylabel="true")
    ax.grid(visible=False)


def _write_numbers(ax: Axes, counts: NDArray[Any], share: NDArray[Any], points: int) -> None:
    """Write the counts into the matrix, and recall, precision and accuracy at its edges.

    Args:
        ax: The axes of the matrix.
        counts: Number of images by true (row) and predicted (column) class, (classes, classes).
        share: The same as a share of the row, which is the colour.
        points: Size of the letters.
    """

    def write(x: float, y: float, text: str, **style: Any) -> None:
        ax.text(x, y, text, ha="center", va="center", fontsize=points, **style)

    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if share[row, column] > 0.5 else "black"  # noqa: PLR2004 - mid-scale
            write(column, row, f"{count}", color=colour)
    right, edge = np.diagonal(counts), len(counts) + EDGE
    for at, (n, in_class, predicted) in enumerate(
        zip(right, counts.sum(axis=1), counts.sum(axis=0), strict=True)
    ):
        write(edge, at, _share(n, in_class))
        write(at, edge, _share(n, predicted))
    write(edge, edge, _share(right.sum(), counts.sum()), weight="bold")
    ax.set(xlim=(-0.5, edge + 0.6), ylim=(edge + 0.6, -0.5))


def _share(part: int, whole: int) -> str:
    """Return a share in percent, or "-" if `whole` is 0."""
    return f"{part / whole:.0%}" if whole else "-"


def calibration_figure(tested: Tested, title: str) -> Figure:
    """Draw a reliability diagram: the accuracy at each confidence, and below it the images there.

    Source: Guo et al., "On Calibration of Modern Neural Networks", arXiv:1706.04599, figure 1.
    """
    figure, (top, below) = new_figure(2, height=6.5, ratios=(3, 1))
    bins = [part for part in tested.calibration if part.count]
    width = bins[0].high - bins[0].low
    at, confidence = [part.low for part in bins], [part.confidence for part in bins]
    accuracy = [part.accuracy for part in bins]
    top.plot([0, 1], [0, 1], "--", color=GREY, linewidth=2, label="perfect")
    for bar, part in zip(
        top.bar(at, accuracy, width, align="edge", color=BLUE, edgecolor="white"), bins, strict=True
    ):
        bar.set_alpha(0.2 if part.count < FEW_IMAGES else 0.6)
    ends = [part.high for part in bins]  # a bar of height 0 has an upper end that can be seen
    top.hlines(
        accuracy, at, ends, color=BLUE, linewidth=3, clip_on=False,
        label=f"accuracy (pale: under {FEW_IMAGES} images)",
    )  # fmt: skip
    top.vlines(
        confidence,
        accuracy,
        confidence,
        color=ORANGE,
        linewidth=3,
        label="gap to confidence",
    )
    top.plot(confidence, accuracy, "o", color="black", markersize=4)
    error = f"expected calibration error {tested.expected_calibration_error:.4f}"
    top.set_title(f"{literal(title)}\n{error} on {tested.images:,} test images")
    top.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy")
    legend(figure)
    below.bar(at, [part.count for part in bins], width, align="edge", color=GREY, edgecolor="white")
    for part in bins:
        below.text(
            (part.low + part.high) / 2, part.count, f"{part.count:,}", ha="center", va="bottom",
            fontsize=8,
        )  # fmt: skip
    below.set(xlabel="confidence: probability of the predicted class", ylabel="images", xlim=(0, 1))
    below.margins(y=0.15)
    below.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    below.yaxis.set_major_formatter("{x:,.0f}")
    return figure
