"""Whether a network learned y = x^3: its error on the grid beside that of a constant."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.runs.verdict import Verdict, because

CONSTANT = float(np.std(data.GRID**3))  # RMSE on the grid of the best constant, 0
NO_BETTER, IN_PART = 0.95, 0.25  # of CONSTANT
FAR = 3.0  # times the RMSE of training: the grid is another matter than the training points
SHORT_WAY = 20.0  # lr times steps; the defaults leave the constant behind at 20 to 50
COVERED = 1.8  # points that reach from -1.8 to 1.8 are points of the whole interval
SATURATING = 2.0  # init_scale
STILL = 0.9  # of the RMSE of training in the middle of the run
ALIKE = 1e-3  # relative difference of what rounding alone made different

History = Sequence[Mapping[str, float]]


def verdict(config: CubicConfig, history: History, x: Array, w2: Array) -> Verdict:
    """Return what became of a training.

    Args:
        config: how it was trained.
        history: its log points, at least one.
        x: the training points as they come, without a shuffle; (samples, 1).
        w2: W2 at its end, (hidden, hidden).
    """
    rmse = history[-1]["rmse"]
    share = rmse / CONSTANT
    said = f"RMSE {rmse:.3g} on the grid"
    if share < IN_PART:
        return Verdict(True, f"learned: {said}, {share:.1%} of a constant's {CONSTANT:.3g}")
    reasons = list(_reasons(config, history, x, w2))
    if share < NO_BETTER:
        said = f"learned in part: {said}, {share:.0%} of a constant's {CONSTANT:.3g}"
        return Verdict(False, because(said, reasons))
    said = f"not learned: {said}, no better than a constant's {CONSTANT:.3g}"
    return Verdict(False, because(said, reasons))


def _reasons(config: CubicConfig, history: History, x: Array, w2: Array) -> Iterator[str]:
    """Yield why it was not learned, as far as it can be told."""
    trained, rmse = training_rmse(history), history[-1]["rmse"]
    far, first, last = rmse > FAR * trained, x.min(), x.max()
    if far and not config.shuffle and is_sorted(x):
        yield (
            "the points come sorted and are not shuffled: it fits the latest ones "
            f"(RMSE {trained:.2g}) and forgot the others"
        )
    elif max(first, -last) > -COVERED:
        yield f"the training points lie between {first:.3g} and {last:.3g}"
    elif far:
        yield f"it fits its latest training points (RMSE {trained:.2g}) and not the grid"
    yield from _of_the_start(config, w2)
    if config.gradient != "exact":
        yield f"gradient {config.gradient} is not that of the loss"
    steps = int(history[-1]["step"])
    if config.lr * steps < SHORT_WAY:
        yield f"{steps:,} steps of lr {config.lr:g} are too few or too small"
    elif not far and trained > STILL * training_rmse(history[: len(history) // 2]):
        yield f"the training loss no longer falls (lr {config.lr:g})"


def _of_the_start(config: CubicConfig, w2: Array) -> Iterator[str]:
    """Yield what of the initial parameters keeps the units from learning different things."""
    drawn = not config.init_from
    if drawn and not config.init_scale:
        yield "all units began alike (init_scale 0)"
    elif drawn and config.init == "recycled":
        yield "the rows of W2 began alike (init recycled)"
    elif drawn and config.init_scale >= SATURATING:
        yield f"initial weights of init_scale {config.init_scale:g} saturate the units"
    elif len(w2) > 1 and np.allclose(w2, w2[0], rtol=ALIKE, atol=0):
        yield "the rows of W2 are alike"


def training_rmse(history: History) -> float:
    """Return the RMSE over the points trained on in the last fifth of the log points; if none, inf.

    A single log point may be that of a few points that happened to fit.
    """
    last = history[-max(1, len(history) // 5) :]
    if not last:
        return math.inf
    with np.errstate(over="ignore"):  # an edited metrics.csv may say 1e308 more than once
        return math.sqrt(np.mean([float(row["loss"]) for row in last]))


def is_sorted(x: Array) -> bool:
    """Whether points (samples, 1) only rise or only fall."""
    gaps = np.diff(x[:, 0])
    return bool((gaps >= 0).all() or (gaps <= 0).all())
