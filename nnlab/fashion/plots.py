"""The plots of `nnlab fashion`: the curves over epochs and steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nnlab.fashion.metrics import METRICS
from nnlab.metric import axis_label
from nnlab.plots import BLUE, TEAL, curves, literal, new_figure

History = Sequence[Mapping[str, float]]


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
        title, [row["epoch"] for row in history], lines, markers=True,
        x_label=axis_label(METRICS, "epoch"), y_label=axis_label(METRICS, metric),
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
