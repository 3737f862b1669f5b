"""Whether a network learned the classes: compare its test accuracy with guessing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import class_places
from nnlab.runs.verdict import STEPS_TOO_LARGE, Verdict, because

DEVIATIONS = 3  # standard errors of guessing
HALF_KNOWN = 0.5  # up to this accuracy the verdict is "in part"; the assignment's network has 0.8
OVERFIT = 0.1  # training accuracy minus test accuracy
ONE_CLASS = 0.99  # share of the images for which the same class is predicted
FEW_STEPS = 100
AS_GOOD = 0.98  # share of the loss of guessing
# Training loss / that of guessing. At 10, the mean probability of the true class is e^-23 with ten
# classes. Initial weights, few steps or a wrong label do not lead there: weights that grew do.
FAR_WORSE = 10


def verdict(
    config: FashionConfig,
    row: Mapping[str, float],
    counts: NDArray[Any],
    names: Sequence[str],
    steps: int,
) -> Verdict:
    """Return whether the training worked, and a line that says why.

    The best guess without a look at the image is always the most frequent class. Its accuracy is
    that class's share p of the test images, 0.1 in Fashion-MNIST. On n images its standard error is
    that of the binomial distribution, sqrt(p (1 - p) / n).

    Args:
        config: The config of the training.
        row: The row of metrics.csv for the epoch whose weights were tested.
        counts: Number of test images by true (row) and predicted (column) class,
            (classes, classes).
        names: Names of the classes.
        steps: Number of gradient steps done.
    """
    images = int(counts.sum())
    chance = int(counts.sum(axis=1).max()) / images
    accuracy = float(np.trace(counts)) / images
    margin = DEVIATIONS * math.sqrt(chance * (1 - chance) / images)
    if accuracy > chance + margin:
        learned = "learned" if accuracy > HALF_KNOWN else "learned in part"
        line = f"{learned}: test accuracy {accuracy:.4f} (chance {chance:.4f})"
        if row["accuracy"] - accuracy > OVERFIT:
            line += f"; the training accuracy is higher: {row['accuracy']:.4f}"
        return Verdict(True, line)
    line = f"not learned: test accuracy {accuracy:.4f} is no better than chance, {chance:.4f}"
    reasons = _reasons(config, row, counts, names, steps)
    return Verdict(False, because(f"{line} (within {margin:.4f})", list(reasons)))


def _reasons(
    config: FashionConfig,
    row: Mapping[str, float],
    counts: NDArray[Any],
    names: Sequence[str],
    steps: int,
) -> Iterator[str]:
    """Yield the likely reasons why the network did not learn."""
    predicted = counts.sum(axis=0)  # (classes,)
    shares = counts.sum(axis=1) / counts.sum()  # (classes,)
    guessing = -float(np.sum(shares * np.log(shares, where=shares > 0, out=np.zeros_like(shares))))
    if row["loss"] > FAR_WORSE * guessing > 0:
        yield (
            f"{STEPS_TOO_LARGE} (lr {config.lr:g}): the training loss {row['loss']:.4g} is far "
            f"above that of guessing, {guessing:.4g}"
        )
        return
    if predicted.max() >= ONE_CLASS * predicted.sum():
        only = int(predicted.argmax())
        last = int(class_places(config, len(names)).argmax())
        by_class = config.order == "by-class" and only == last
        end = ", the class at the end of each epoch (order by-class)" * by_class
        yield f"it predicts {names[only]} for almost every image{end}"
    if config.ema is not None and steps < 1 / (1 - config.ema):
        yield f"the average of the weights (ema {config.ema:g}) still contains the initial weights"
    if steps < FEW_STEPS:
        yield f"{steps:,} steps are too few"
    elif row["accuracy"] > shares.max() + OVERFIT:
        yield f"it learned only its training images (accuracy {row['accuracy']:.4f})"
    elif row["loss"] >= AS_GOOD * guessing:
        yield (
            f"the training loss {row['loss']:.4g} is not below that of guessing, {guessing:.4g} "
            f"(lr {config.lr:g})"
        )
