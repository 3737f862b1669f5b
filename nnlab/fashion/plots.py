"""The pictures of `nnlab fashion`: how it learned, what it confuses, and where it is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nnlab.plots import BLUE, RED, LegendPlace, curves, new_figure

MISTAKES = (3, 6)  # rows, columns
History = Sequence[Mapping[str, float]]
UNITS = {"accuracy": "accuracy", "loss": "cross-entropy, nats"}


def accuracy_figure(history: History, training: str, note: str) -> Figure:
    """Draw training and validation accuracy by epoch, as the assignment's figure does."""
    return _by_epoch(history, "accuracy", training, f"model accuracy{note}", "upper left")


def loss_figure(history: History, training: str, note: str) -> Figure:
    """Draw training and validation loss (cross-entropy, in nats) by epoch."""
    return _by_epoch(history, "loss", training, f"model loss{note}", "upper right")


def _by_epoch(
    history: History, metric: str, training: str, title: str, legend_at: LegendPlace
) -> Figure:
    """Draw a metric by epoch; `training` says how that of training was measured."""
    lines = {training: [row[metric] for row in history]}
    if f"val_{metric}" in history[0]:
        lines["validation"] = [row[f"val_{metric}"] for row in history]
    figure = curves(
        title, [row["epoch"] for row in history], lines, x_label="epoch", y_label=UNITS[metric],
        markers=True, legend_at=legend_at,
    )  # fmt: skip
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    figure.axes[0].set_xlim(0.5, len(history) + 0.5)
    return figure


def lr_figure(epochs: NDArray[Any], rates: NDArray[Any], title: str) -> Figure:
    """Draw the learning rates (points,) by the epochs done before them (points,)."""
    figure, (ax,) = new_figure()
    ax.plot(epochs, rates, color=BLUE, linewidth=2)
    ax.set(title=title, xlabel="epochs done", ylabel="learning rate")
    ax.set_ylim(bottom=0)
    return figure


def confusion_matrix(true: NDArray[Any], predicted: NDArray[Any], classes: int) -> NDArray[Any]:
    """Count images by true class (row) and predicted class (column); (classes, classes)."""
    return np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)


def confusion_figure(counts: NDArray[Any], names: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix: colour is the share of its row, the number is the count.

    Args:
        counts: images by true (row) and predicted (column) class, (classes, classes).
        names: of the classes.
        title: what was tested.
    """
    figure, (ax,) = new_figure(width=8, height=7)
    ax.grid(visible=False)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if share[row, column] > 0.5 else "black"  # noqa: PLR2004 - mid-scale
            ax.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=10)
    ticks = range(len(names))
    ax.set_xticks(ticks, names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(ticks, names)
    ax.set(title=title, xlabel="predicted", ylabel="true")
    bar = figure.colorbar(image, ax=ax, shrink=0.8)
    bar.set_label("share of the true class", fontsize=11)
    return figure


def mistakes_figure(
    images: NDArray[Any],
    true: NDArray[Any],
    probabilities: NDArray[Any],
    names: Sequence[str],
    title: str,
) -> Figure:
    """Draw the wrong images of which the network was surest, surest first.

    Args:
        images: (n, 28, 28).
        true: labels, (n,).
        probabilities: of each class, (n, classes).
        names: of the classes.
        title: what was tested.
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != true)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][: MISTAKES[0] * MISTAKES[1]]
    figure = Figure(figsize=(10, 6.4), dpi=120, layout="constrained")
    figure.suptitle(
        f"{title}: the {len(worst)} surest of {len(wrong):,} mistakes in {len(true):,}", fontsize=13
    )
    for place, ax in enumerate(figure.subplots(*MISTAKES).flat):
        ax.axis("off")
        if place < len(worst):
            index = worst[place]
            ax.imshow(images[index], cmap="gray_r")
            ax.set_title(f"is {names[true[index]]}", fontsize=11, color=BLUE, pad=16)
            said = f"said {names[predicted[index]]} {sure[index]:.1%}"
            ax.text(0.5, 1.03, said, color=RED, fontsize=9.5, ha="center", transform=ax.transAxes)
    return figure
