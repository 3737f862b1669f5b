"""The results of a training: its test, its pictures and its summary."""

from typing import Any, NamedTuple

import numpy as np
import scipy.special
from numpy.typing import NDArray

from nnlab.fashion import plots
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import CLASSES, Dataset
from nnlab.fashion.verdict import verdict
from nnlab.runs.metrics import Row
from nnlab.runs.run import Run

POINTS = 2000  # of a curve over steps; more points would not be visible


class Evaluation(NamedTuple):
    """The predictions of a network for the test images, and their quality.

    Attributes:
        accuracy: Share of the images whose class is right.
        loss: Mean cross-entropy, in nats.
        probabilities: Of each class, (images, 10).
        confusion: Number of images by true class (row) and predicted class (column), (10, 10).
    """

    accuracy: float
    loss: float
    probabilities: NDArray[Any]
    confusion: NDArray[Any]


def test(config: FashionConfig, network: Any, dataset: Dataset, epoch: int, run: Run) -> float:
    """Test the network, which has the weights of `epoch`; draw the test's pictures, finish the run.

    This is the only use of the test set: every choice is made on the validation set.

    Returns:
        The accuracy on the test set.
    """
    run.view.note(f"testing on {len(dataset.y_test):,} images")
    result = evaluate(network, dataset, config.lr)
    _draw_test(dataset, result, run)
    row = run.history[epoch - 1]
    steps = int(network.optimizer.iterations)
    run.judge(verdict(config, row, result.confusion, CLASSES, steps))
    run.finish({"test_accuracy": result.accuracy, "test_loss": result.loss} | summary(row))
    return result.accuracy


def evaluate(network: Any, dataset: Dataset, lr: float) -> Evaluation:
    """Measure the network on the test images.

    Raises:
        DivergedError: the loss is not finite; the error names the learning rate `lr`.
    """
    from nnlab.fashion.batches import evaluation_batches
    from nnlab.fashion.divergence import diverged_errors

    batches = evaluation_batches(dataset.x_test, dataset.y_test)
    logits = network.predict(batches, verbose=0)  # (images, 10)
    with diverged_errors(network, lr):
        losses = network.loss(dataset.y_test, logits)  # (images,)
    predicted = logits.argmax(axis=1)
    return Evaluation(
        accuracy=float(np.mean(predicted == dataset.y_test)),
        loss=float(np.mean(losses, dtype=np.float64)),
        probabilities=scipy.special.softmax(logits, axis=1),
        confusion=plots.confusion_matrix(dataset.y_test.astype(int), predicted, len(CLASSES)),
    )


def _draw_test(dataset: Dataset, result: Evaluation, run: Run) -> None:
    """Draw the confusion matrix and the worst mistakes."""
    title = f"{dataset.name}, test accuracy {result.accuracy:.4f}"
    confusion = plots.confusion_figure(result.confusion, CLASSES, title)
    mistakes = plots.mistakes_figure(
        dataset.x_test, dataset.y_test, result.probabilities, CLASSES, dataset.name
    )
    run.save("plots/confusion.png", confusion.savefig)
    run.save("plots/mistakes.png", mistakes.savefig)


def summary(row: Row) -> Row:
    """Return the columns of an epoch's row that summarize a run, the most important ones first."""
    headline = {name: row[name] for name in ("val_accuracy", "val_loss") if name in row}
    return headline | {k: v for k, v in row.items() if k not in {"lr", "images_per_second"}}


def draw_curves(config: FashionConfig, run: Run, steps: int, tested: float | None = None) -> None:
    """Draw accuracy and loss by epoch, and the learning rate if it has a schedule.

    Args:
        config: The config of the run.
        run: The run, with the rows logged so far.
        steps: Number of steps of the whole training.
        tested: The accuracy on the test set, if it is known.
    """
    from nnlab.fashion.schedule import Schedule

    note = " (sample)" if config.data == "sample" else ""
    if run.history:
        training = config.training_mode
        accuracy = plots.accuracy_figure(run.history, training, note, tested)
        run.save("plots/accuracy.png", accuracy.savefig)
        run.save("plots/loss.png", plots.loss_figure(run.history, training, note).savefig)
    if not config.constant_lr:
        at = np.linspace(0, steps - 1, min(steps, POINTS))
        rates = Schedule(config, steps)(at).numpy()
        title = f"learning rate, {config.lr_schedule}{note}"
        figure = plots.lr_figure(at * config.epochs / steps, rates, title)
        run.save("plots/lr.png", figure.savefig)
