"""The results of a training: its test and its summary."""

from typing import Any, NamedTuple

import numpy as np
import scipy.special
from numpy.typing import NDArray

from nnlab.fashion import drawing
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.scores import score
from nnlab.fashion.tested import NAME as REPORT
from nnlab.fashion.tested import Tested, to_json
from nnlab.fashion.verdict import verdict
from nnlab.runs.columns import Row
from nnlab.runs.run import Run


class Evaluation(NamedTuple):
    """What a network predicts for the test images, and how good that is.

    Attributes:
        probabilities: Of each class, (images, classes).
        tested: The scores, as in report.json.
    """

    probabilities: NDArray[Any]
    tested: Tested


def test(config: FashionConfig, network: Any, dataset: Dataset, epoch: int, run: Run) -> float:
    """Test the network, which has the weights of `epoch`; write the scores, and draw them; finish.

    This is the only use of the test set: every choice is made on the validation set.

    Returns:
        The accuracy on the test set.
    """
    run.view.note(f"testing on {len(dataset.y_test):,} images")
    result = evaluate(network, dataset, config.lr)
    tested = result.tested
    run.save(REPORT, lambda file: file.write(to_json(tested).encode()))
    if run.pictures:
        drawing.draw_scores(dataset, result.tested, run)
        drawing.draw_images(network, dataset, result.probabilities, run)
    row = run.history[epoch - 1]
    steps = int(network.optimizer.iterations)
    run.judge(verdict(config, row, np.array(tested.confusion), dataset.classes, steps))
    run.finish({"test_accuracy": tested.accuracy, "test_loss": tested.loss} | summary(row))
    return tested.accuracy


def evaluate(network: Any, dataset: Dataset, lr: float) -> Evaluation:
    """Measure the network on the test images.

    Raises:
        DivergedError: the loss is not finite; the error names the learning rate `lr`.
    """
    from nnlab.fashion.batches import logits_of
    from nnlab.fashion.divergence import diverged_errors

    logits = logits_of(network, dataset.x_test)  # (images, classes)
    with diverged_errors(network, lr):
        losses = network.loss(dataset.y_test, logits)  # (images,)
    probabilities = scipy.special.softmax(logits.astype(np.float64), axis=1)
    scores = score(dataset.y_test, probabilities, np.array(losses), dataset.classes, dataset.name)
    return Evaluation(probabilities, scores)


def summary(row: Row) -> Row:
    """Return the columns of an epoch's row that summarize a run, the most important ones first."""
    headline = {name: row[name] for name in ("val_accuracy", "val_loss") if name in row}
    return headline | {k: v for k, v in row.items() if k not in {"lr", "images_per_second"}}
