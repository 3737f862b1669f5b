"""The plots of `nnlab fashion`: learning curves, confusion matrix, worst mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nnlab.plots import BLUE, RED, TEAL, curves, literal, literal_names, new_figure

MISTAKES = (3, 4)  # rows, columns
FEW, MOST_WITH_NUMBERS, MOST_NAMED = 12, 30, 64  # classes of a confusion matrix
MOST_INCHES = 13
EDGE = 0.2  # after the counts: a gap, then recall or precision
History = Sequence[Mapping[str, float]]
UNITS = {"accuracy": "accuracy", "loss": "cross-entropy, nats"}


def accuracy_figure(
    history: History, training: str, note: str, tested: float | None = None
) -> Figure:
    """Draw training and validation accuracy by epoch, like the assignment's figure.

    Args:
        history: The rows of metrics.csv, one for each epoch.
        training: Label of the training curve, which says how the metric was measured.
        note: Text that is added to the title.
        tested: The accuracy on the test set, drawn as a line with its value.
    """
    figure = _by_epoch(history, "accuracy", training, f"model accuracy{note}")
    if tested is not None:
        (ax,) = figure.axes
        ax.axhline(tested, color=TEAL, linestyle="-.", linewidth=2)
        ax.text(
            1.01, tested, f"test\n{tested:.4f}", color=TEAL, fontsize=12, va="center",
            transform=ax.get_yaxis_transform(),
        )  # fmt: skip
    return figure


def loss_figure(history: History, training: str, note: str) -> Figure:
    """Draw training and validation loss (cross-entropy, in nats) by epoch."""
    return _by_epoch(history, "loss", training, f"model loss{note}")


def _by_epoch(history: History, metric: str, training: str, title: str) -> Figure:
    """Draw a metric by epoch; see `accuracy_figure` for the arguments."""
    lines = {training: [row[metric] for row in history]}
    if f"val_{metric}" in history[0]:
        lines["validation"] = [row[f"val_{metric}"] for row in history]
    figure = curves(
        title, [row["epoch"] for row in history], lines, x_label="epoch", y_label=UNITS[metric],
        markers=True,
    )  # fmt: skip
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    figure.axes[0].set_xlim(0.5, len(history) + 0.5)
    return figure


def lr_figure(epochs: NDArray[Any], rates: NDArray[Any], title: str) -> Figure:
    """Draw the learning rates (points,) over the number of epochs done (points,)."""
    figure, (ax,) = new_figure()
    ax.plot(epochs, rates, color=BLUE, linewidth=2)
    ax.set(title=literal(title), xlabel="epochs done", ylabel="learning rate")
    ax.set_ylim(bottom=0)
    return figure


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
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != true)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][: MISTAKES[0] * MISTAKES[1]]
    figure = Figure(figsize=(10, 9), dpi=120, layout="constrained")
    figure.suptitle(
        f"{title}: the {len(worst)} surest of {len(wrong):,} mistakes in {len(true):,}", fontsize=16
    )
    for place, ax in enumerate(figure.subplots(*MISTAKES).flat):
        ax.axis("off")
        if place < len(worst):
            index = worst[place]
            ax.imshow(images[index], cmap="gray_r")
            ax.set_title(f"is {names[true[index]]}", fontsize=14, color=BLUE, pad=20)
            text = f"said {names[predicted[index]]} {sure[index]:.0%}"
            ax.text(0.5, 1.03, text, color=RED, fontsize=13, ha="center", transform=ax.transAxes)
    return figure
