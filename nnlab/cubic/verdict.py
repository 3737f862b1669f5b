"""Decide whether a network learned y = x^3: compare its RMSE with that of the best constant."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.runs.verdict import STEPS_TOO_LARGE, Verdict, because

CONSTANT = float(np.std(data.GRID**3))  # RMSE on the grid of the best constant, f(x) = 0
IN_PART, NO_BETTER = 0.25, 0.95  # RMSE / CONSTANT: below: learned; from here on: not learned
FAR_WORSE = 10.0  # RMSE / CONSTANT: from here on, steps or initial weights are too large
FAR = 3.0  # RMSE on the grid / training RMSE: above, the network fits only its training points
SHORT_WAY = 20.0  # lr * steps: below, too short; default runs improve on the constant at 20 to 50
COVERED = 1.8  # points from -1.8 to 1.8 cover the whole interval
SATURATING = 2.0  # init_scale: from here on, units are saturated at the start
STILL = 0.9  # training RMSE / that in the middle of the run: above, it no longer falls
ALIKE = 1e-3  # relative difference that rounding errors can make between equal rows


class Finished(NamedTuple):
    """A finished training.

    Attributes:
        config: its config.
        last: its last log point.
        losses: returns the loss of each log point; asked if the training was not successful.
        x: returns parts of the training points in their original order, (some,) each; asked
            likewise.
        w2: W2 after the last step, (hidden, hidden).
    """

    config: CubicConfig
    last: Mapping[str, float]
    losses: Callable[[], Sequence[float]]
    x: Callable[[], Iterable[Array]]
    w2: Array


def verdict(of: Finished) -> Verdict:
    """Judge a finished training."""
    rmse = of.last["rmse"]
    share = rmse / CONSTANT
    said = f"RMSE {rmse:.3g} on the grid"
    if share < IN_PART:
        return Verdict(True, f"learned: {said}, {share:.1%} of the best constant's {CONSTANT:.3g}")
    reasons = list(_reasons(of))
    if share < NO_BETTER:
        said = f"learned in part: {said}, {share:.0%} of the best constant's {CONSTANT:.3g}"
        return Verdict(False, because(said, reasons))
    than = "far worse than" if share >= FAR_WORSE else "no better than"
    said = f"not learned: {said}, {than} the best constant's {CONSTANT:.3g}"
    return Verdict(False, because(said, reasons))


def _reasons(of: Finished) -> Iterator[str]:
    """Yield the reasons for a bad result, as far as they can be recognized."""
    config, losses, rmse = of.config, of.losses(), of.last["rmse"]
    trained, steps = _training_rmse(losses), int(of.last["step"])
    went = config.lr * steps >= SHORT_WAY and config.init_scale < SATURATING
    if went and trained >= FAR_WORSE * CONSTANT:
        yield f"{STEPS_TOO_LARGE} (lr {config.lr:g})"
        return
    limits = [(part.min(), part.max()) for part in of.x()]
    far, first, last = rmse > FAR * trained, min(limits)[0], max(high for _, high in limits)
    if far and (why := _in_sorted_order(config, of.x)):
        yield (
            f"{why}: the network fits the last ones (RMSE {trained:.2g}) and no longer fits the "
            "others"
        )
    elif max(first, -last) > -COVERED:
        yield f"all training points lie between {first:.3g} and {last:.3g}"
    elif far:
        yield f"the network fits its last training points (RMSE {trained:.2g}) but not the grid"
    yield from _initialization_reasons(config, of.w2)
    if config.gradient != "exact":
        yield f"gradient {config.gradient} is not the gradient of the loss"
    if config.lr * steps < SHORT_WAY:
        yield f"{steps:,} steps of lr {config.lr:g} are too few or too small"
    elif not far and trained > STILL * _training_rmse(losses[: len(losses) // 2]):
        yield f"the training loss no longer falls (lr {config.lr:g})"


def _in_sorted_order(config: CubicConfig, x: Callable[[], Iterable[Array]]) -> str:
    """Return why every epoch visits the points `x` in sorted order; "" if it does not."""
    if config.order in {"sorted", "reversed"}:
        return f"every epoch visits the points in sorted order (order {config.order})"
    stored = not config.shuffle and config.order == "stored"
    return "the points are sorted and not shuffled" if stored and is_sorted(x()) else ""


def _initialization_reasons(config: CubicConfig, w2: Array) -> Iterator[str]:
    """Yield why the initial parameters prevent the units from learning different functions."""
    drawn = not config.init_from
    if drawn and not config.init_scale:
        yield "all units started equal (init_scale 0)"
    elif drawn and config.init == "recycled":
        yield "all rows of W2 started equal (init recycled)"
    elif drawn and config.init_scale >= SATURATING:
        yield f"initial weights with init_scale {config.init_scale:g} saturate the units"
    elif len(w2) > 1 and np.allclose(w2, w2[0], rtol=ALIKE, atol=0):
        yield "all rows of W2 are equal"


def _training_rmse(losses: Sequence[float]) -> float:
    """Return the training RMSE over the last fifth of the log points; inf if there are none.

    One log point is not enough: it may cover only a few points that fit by chance.
    """
    last = losses[-max(1, len(losses) // 5) :]
    if not last:
        return math.inf
    with np.errstate(over="ignore"):  # an edited metrics.csv may contain 1e308 several times
        return math.sqrt(np.mean(np.asarray(last, float)))


def is_sorted(parts: Iterable[Array]) -> bool:
    """Return whether all points, in parts of (some,), are in ascending or descending order."""
    rising = falling = True
    before = np.empty(0)
    for part in parts:
        gaps = np.diff(np.concatenate([before, part]))
        rising = rising and bool((gaps >= 0).all())
        falling = falling and bool((gaps <= 0).all())
        before = part[-1:]
    return rising or falling
