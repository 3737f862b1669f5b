"""Measures of cubic runs that look at the network in the middle of training.

A run stores its last network alone; those before it are computed again, to the bit
(`nnlab.cubic.replay`).
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from nnlab.runs.saved import SavedRun
from nnlab.study.measures import Measure
from nnlab.study.results import Reading

if TYPE_CHECKING:
    from nnlab.cubic.config import CubicConfig
    from nnlab.cubic.network import Array, Parameters
    from nnlab.cubic.noise_scale import GradientNoise

# The functions import what loads NumPy: `nnlab study list` loads this file.

MOST_POINTS = 10_000  # of the training points: enough for a mean, and a short pass
STATES = 30  # of the sharpness along a run
FIRST_STATES = 10  # the first steps can throw the sharpness far down
PARTS, LAST_STATES = 12, 10  # the last part of a run, and the states that are measured in it


class Replay(NamedTuple):
    """A run, trained again.

    Attributes:
        config: its config.
        x, y: its training points, (samples, 1).
        states: step and parameters, as `nnlab.cubic.replay.states`.
    """

    config: "CubicConfig"
    x: "Array"
    y: "Array"
    states: Iterator[tuple[int, "Parameters"]]


def replay(saved: SavedRun, steps: Iterable[int]) -> Replay:
    """Return a run that is trained again, to look at it after those of `steps` that it has."""
    from nnlab.cubic import data
    from nnlab.cubic.replay import config_of, states
    from nnlab.cubic.train import total_steps

    config = config_of(saved)
    x, y = data.points(config)
    wanted = [step for step in steps if step <= total_steps(config)]
    return Replay(config, x, y, states(config, wanted))


def layer_gradients(steps: Sequence[int]) -> Measure:
    """Return the measure of the size of each layer's gradient, at the start and after each step.

    With g_i the gradient of point i of n, for a layer with k parameters:

        gradient_1 .. _3    sqrt(1/n sum_i |g_i|^2): the root mean square of the norm of the
                            gradient of one point, which a step of batch size 1 follows
        per_parameter_1 ..  the same divided by sqrt(k): of one number of the gradient. The norm
                            grows with the number of parameters; this tells how fast one moves
        gradient_ratio      gradient_1 / gradient_3
        per_parameter_ratio the same of one number
        mean_gradient_ratio |G_1| / |G_3|, where G is the mean of all g_i

    At the start their names begin with `start_`; else `at` is the step. The points are the first
    MOST_POINTS training points.
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        from nnlab.cubic.noise_scale import gradient_noise

        run = replay(saved, [0, *steps])
        x, y = run.x[:MOST_POINTS], run.y[:MOST_POINTS]
        for step, parameters in run.states:
            sizes = _layer_sizes(parameters, gradient_noise(parameters, x, y))
            for name, size in sizes.items():
                yield Reading(name, size, str(step)) if step else Reading(f"start_{name}", size)

    return measure


def _layer_sizes(parameters: "Parameters", noise: "GradientNoise") -> dict[str, float]:
    """Return the readings of `layer_gradients` at one step, by their names."""
    full = noise.squared_norms
    norms = {layer: math.sqrt(noise.traces[layer] + full[layer]) for layer in ("1", "2", "3")}
    numbers = {
        layer: norm / math.sqrt(parameters["W" + layer].size + parameters["b" + layer].size)
        for layer, norm in norms.items()
    }
    return {
        **{f"gradient_{layer}": norm for layer, norm in norms.items()},
        **{f"per_parameter_{layer}": number for layer, number in numbers.items()},
        "gradient_ratio": norms["1"] / norms["3"],
        "per_parameter_ratio": numbers["1"] / numbers["3"],
        "mean_gradient_ratio": math.sqrt(full["1"] / full["3"]),
    }


def edge_of_stability(saved: SavedRun) -> Iterator[Reading]:
    """Yield the sharpness along a run of full-batch training, and how its loss goes.

    sharpness               the largest eigenvalue of the Hessian of the loss; `at` is the step
    sharpness_x_lr/2        above 1, the loss of a quadratic rises
    loss_by_step            the loss; these three are measured at the same steps
    start_sharpness_x_lr/2  at the start
    end_sharpness, end_sharpness_x_lr/2
                            their means at LAST_STATES states of the last part: one state may be
                            anywhere in an oscillation
    loss_end/start          the mean loss of the last part over the loss of the start
    loss_end/middle         the same over the mean loss of the part that ends in the middle
    share_of_rising_steps   of the steps of these two parts: those that raise the loss

    A part is a twelfth of the run's steps (PARTS); the run takes 12 or more. The STATES on the way
    are closer together early, where the sharpness changes fastest.
    """
    from nnlab.cubic.replay import config_of
    from nnlab.cubic.train import total_steps

    total = total_steps(config_of(saved))
    part, middle = total // PARTS, total // 2
    curve = {round(total * (i / STATES) ** 3) for i in range(1, STATES + 1)} - {0}
    curve |= {*range(1, FIRST_STATES + 1)}
    end = {total - round(part * i / LAST_STATES) for i in range(LAST_STATES)}
    two_parts = [range(middle - part, middle + 1), range(total - part, total + 1)]
    run = replay(saved, curve.union(end, *two_parts, {0}))
    losses, sharp = _along(run, curve | end | {0})
    early, late = ([losses[step] for step in steps] for steps in two_parts)
    rises = [after > before for each in (early, late) for before, after in pairwise(each)]
    to_edge = run.config.lr / 2
    at_end = fmean(sharp[step] for step in end)
    yield Reading("start_sharpness_x_lr/2", sharp[0] * to_edge)
    yield Reading("end_sharpness", at_end)
    yield Reading("end_sharpness_x_lr/2", at_end * to_edge)
    yield Reading("share_of_rising_steps", fmean(rises))
    yield Reading("loss_end/start", fmean(late) / losses[0])
    yield Reading("loss_end/middle", fmean(late) / fmean(early))
    for step in sorted(curve):
        yield Reading("sharpness", sharp[step], str(step))
        yield Reading("sharpness_x_lr/2", sharp[step] * to_edge, str(step))
        yield Reading("loss_by_step", losses[step], str(step))


def _along(run: Replay, steps: Collection[int]) -> tuple[dict[int, float], dict[int, float]]:
    """Return the loss of each state of a run, and the sharpness of those after `steps`, by step."""
    from nnlab.cubic.curvature import sharpness

    losses, sharp = dict[int, float](), dict[int, float]()
    for step, parameters in run.states:
        losses[step] = _loss(parameters, run.x, run.y)
        if step in steps:
            sharp[step] = sharpness(parameters, run.x, run.y)
    return losses, sharp


def _loss(parameters: "Parameters", x: "Array", y: "Array") -> float:
    """Return the mean of (y - f)^2 over the points."""
    from nnlab.cubic.network import Backpropagation

    error = Backpropagation(parameters, len(x)).forward(x) - y
    return float((error**2).mean())
