"""What became of a training: its curves, and its one test."""

from typing import Any

import numpy as np
import scipy.special

from nnlab.fashion import plots
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import CLASSES, Dataset
from nnlab.fashion.verdict import verdict
from nnlab.runs.metrics import Row
from nnlab.runs.run import Run

POINTS = 2000  # of a curve over steps; more cannot be told apart


def test(config: FashionConfig, network: Any, dataset: Dataset, kept: int, run: Run) -> float:
    """Test the network as it was after epoch `kept`, once; finish the run, and draw its mistakes.

    This is the one time that the test set is read: all that is chosen is chosen in validation.

    Returns:
        The accuracy on the test set.
    """
    from nnlab.fashion import batches
    from nnlab.fashion.divergence import diverged_errors

    run.view.note(f"testing on {len(dataset.y_test):,} images")
    test = batches.in_order(dataset.x_test, dataset.y_test)
    logits = network.predict(test, verbose=0)  # (images, 10)
    with diverged_errors(network, config.lr):
        losses = network.loss(dataset.y_test, logits)  # (images,)
    test_loss = float(np.mean(losses, dtype=np.float64))
    probabilities = scipy.special.softmax(logits, axis=1)
    predicted = logits.argmax(axis=1)
    test_accuracy = float(np.mean(predicted == dataset.y_test))
    counts = plots.confusion_matrix(dataset.y_test.astype(int), predicted, len(CLASSES))
    title = f"{dataset.name}, test accuracy {test_accuracy:.4f}"
    wrong = plots.mistakes_figure(
        dataset.x_test, dataset.y_test, probabilities, CLASSES, dataset.name
    )
    run.save("plots/confusion.png", plots.confusion_figure(counts, CLASSES, title).savefig)
    run.save("plots/mistakes.png", wrong.savefig)
    row = run.history[kept - 1]
    run.judge(verdict(config, row, counts, CLASSES, int(network.optimizer.iterations)))
    tested = {"test_accuracy": test_accuracy, "test_loss": test_loss}
    run.finish(tested | summary(row))
    return test_accuracy


def summary(row: Row) -> Row:
    """Return what an epoch's row says of a run, the headline first."""
    headline = {name: row[name] for name in ("val_accuracy", "val_loss") if name in row}
    return headline | {k: v for k, v in row.items() if k not in {"lr", "images_per_second"}}


def draw_curves(config: FashionConfig, run: Run, steps: int, tested: float | None = None) -> None:
    """Draw what was learned by epoch, and the learning rate where it has a schedule.

    `tested` is the accuracy on the test set, if it is known.
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
