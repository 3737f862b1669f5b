"""The points of Part 1: samples of y = x^3, and the grid on which a fit is judged."""

import numpy as np

from nnlab import seeds
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array

GRID = np.linspace(-2, 2, 81)  # -2, -1.95, ..., 2


def points(config: CubicConfig) -> tuple[Array, Array]:
    """Draw the training set: x ~ U(-2, 2) and y = x^3, each (samples, 1)."""
    x = seeds.generator(config.seed, seeds.Purpose.POINTS).uniform(-2, 2, (config.samples, 1))
    return x.astype(config.dtype), (x**3).astype(config.dtype)


def order(config: CubicConfig, epoch: int) -> Array:
    """Return the order in which `epoch` (from 0) visits the points: indices, (samples,)."""
    if not config.shuffle:
        return np.arange(config.samples)
    return seeds.generator(config.seed, seeds.Purpose.ORDER, epoch).permutation(config.samples)
