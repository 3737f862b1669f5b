"""Whether a network learned the classes: its test accuracy beside that of guessing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.fashion.config import FashionConfig
from nnlab.runs.verdict import Verdict, because

DEVIATIONS = 3  # standard errors of guessing
HALF_KNOWN = 0.5  # accuracy up to which little was learned; the assignment's network has 0.8
OVERFIT = 0.1  # accuracy in training above that in the test
ONE_CLASS = 0.99  # share of the images that one class is said of
FEW_STEPS = 100
AS_GOOD = 0.98  # of the loss of guessing


def verdict(
    config: FashionConfig,
    row: Mapping[str, float],
    counts: NDArray[Any],
    names: Sequence[str],
    steps: int,
) -> Verdict:
    """Return what became of a training.

    Guesses among k classes are right in 1/k of n images, with the standard error
    sqrt((1/k) (1 - 1/k) / n) of the binomial distribution.

    Args:
        config: how it was trained.
        row: the log point of the epoch whose weights were tested.
        counts: test images by true (row) and predicted (column) class, (classes, classes).
        names: of the classes.
        steps: gradient steps taken.
    """
    images, chance = int(counts.sum()), 1 / len(names)
    accuracy = float(np.trace(counts)) / images
    margin = DEVIATIONS * math.sqrt(chance * (1 - chance) / images)
    if accuracy > chance + margin:
        learned = "learned" if accuracy > HALF_KNOWN else "learned in part"
        said = f"{learned}: test accuracy {accuracy:.4f} (chance {chance:.4f})"
        if row["accuracy"] - accuracy > OVERFIT:
            said += f"; it knows its training images better ({row['accuracy']:.4f})"
        return Verdict(True, said)
    said = f"not learned: test accuracy {accuracy:.4f} is that of chance, {chance:.4f}"
    reasons = _reasons(config, row, counts, names, steps)
    return Verdict(False, because(f"{said} (within {margin:.4f})", list(reasons)))


def _reasons(
    config: FashionConfig,
    row: Mapping[str, float],
    counts: NDArray[Any],
    names: Sequence[str],
    steps: int,
) -> Iterator[str]:
    """Yield why it was not learned, as far as it can be told."""
    said = counts.sum(axis=0)  # (classes,)
    if said.max() >= ONE_CLASS * said.sum():
        yield f"it calls every image {names[int(said.argmax())]}"
    if config.ema is not None and steps < 1 / (1 - config.ema):
        yield f"the average over weights (ema {config.ema:g}) still holds its start"
    if steps < FEW_STEPS:
        yield f"{steps:,} steps are few"
    elif row["accuracy"] > 1 / len(names) + OVERFIT:
        yield f"it knows its training images alone ({row['accuracy']:.4f})"
    elif row["loss"] >= AS_GOOD * math.log(len(names)):
        guessing = f"that of guessing, {math.log(len(names)):.4g}"
        yield f"the training loss {row['loss']:.4g} is not below {guessing} (lr {config.lr:g})"
