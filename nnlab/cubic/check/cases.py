"""Test cases for the steps of the engines: weights, points and batch sizes."""

from typing import NamedTuple

import numpy as np

from nnlab import seeds
from nnlab.cubic.check import plain
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.network import Array, Parameters, initial_parameters

WIDE, MANY = 256, 100  # units, samples: an error that only large sizes have shows here
FAR = 100.0  # f - y in the case "large errors": a clipped error or gradient shows here


class StepCase(NamedTuple):
    """Weights, and samples for two steps; the second batch may be smaller than the first.

    Attributes:
        name: printed in messages.
        parameters: the weights before the first step.
        x: inputs, (samples, 1); more than one batch and at most two.
        y: targets, (samples, 1).
        batch_size: samples in the first step.
    """

    name: str
    parameters: Parameters
    x: Array
    y: Array
    batch_size: int


def step_cases(config: CheckConfig, initial: Parameters) -> list[StepCase]:
    """Return all cases: initial weights, trained weights, large errors, and other sizes.

    The first three have batch size 1 and the batch size of `config` (3 if that is 1). The other
    sizes are fixed: WIDE units, and batches of 9 and MANY samples.
    """
    asked = config.batch_size if config.batch_size > 1 else 3
    trained = _trained(config, config.hidden)
    cases = []
    for size in (1, asked):
        x = _points(config, size + max(1, size // 2))
        near, far = x**3, x**3 + FAR * np.sign(x)
        cases += [
            StepCase("initial weights", initial, x, near, size),
            StepCase("trained weights", trained, x, near, size),
            StepCase("large errors", trained, x, far, size),
        ]
    wide, small = _trained(config, WIDE), _trained(config, 8)
    for name, p, size, last in (
        (f"{WIDE} units", wide, 1, 1), (f"{WIDE} units", wide, 9, 1), ("8 units", small, MANY, 33),
    ):  # fmt: skip
        x = _points(config, size + last)
        cases.append(StepCase(name, p, x, x**3, size))
    return cases


def _points(config: CheckConfig, samples: int) -> Array:
    rng = seeds.generator(config.seed, seeds.Purpose.POINTS, samples)
    return rng.uniform(-2, 2, (samples, 1))


def _trained(config: CheckConfig, hidden: int) -> Parameters:
    """Return weights after a short training with `plain`, which uses no code of an engine.

    The initial weights are large, so that the units differ as they do after a long training.
    """
    rng = seeds.generator(config.seed, seeds.Purpose.INIT, hidden)
    p = initial_parameters(hidden, 1, rng)
    p |= {"W1": 2 * p["W1"], "W2": 2 * p["W2"] / hidden**0.5, "W3": 2 * p["W3"] / hidden**0.5}
    x = _points(config, 16)
    return plain.trained(p, x, x**3, lr=0.02, steps=50)
