"""Two numerical derivatives of the loss L by one parameter t. Neither uses the backward pass.

    central difference    dL/dt = (L(t + h) - L(t - h)) / 2h + O(h^2)
    complex step          dL/dt = Im L(t + i h) / h + O(h^2)

Both follow from Taylor's series. The central difference subtracts two nearly equal numbers, so it
has a rounding error of about eps |L| / h, which grows as h shrinks, while the truncation error
O(h^2) shrinks. A log-log plot of its total error over h is therefore a V. The complex step
subtracts nothing: with h = 1e-20 its only error is the rounding error of computing L.

Source: W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real
functions", SIAM Review 40 (1998); J. Martins, P. Sturdza and J. Alonso, "The complex-step
derivative approximation", ACM Transactions on Mathematical Software 29 (2003).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlab.cubic.network import Array, Backpropagation, Parameters

DIFFERENCE_STEP = 6e-6  # cube root of float64's eps: the two errors are about equal
COMPLEX_STEP = 1e-20

Derivative = Callable[[str, int, float], float]
"""(block, flat index in the block, h) -> dL/dt, where t is the parameter at that index."""


class Case(NamedTuple):
    """The parameters of a network and one batch, x and y, both (batch, 1)."""

    parameters: Parameters
    x: Array
    y: Array


def central_difference(case: Case) -> Derivative:
    """Return a function that computes central differences of the mean loss."""
    p = {name: value.copy() for name, value in case.parameters.items()}
    network = Backpropagation(p, len(case.x))

    def derivative(block: str, index: int, h: float) -> float:
        t = p[block].flat[index]
        p[block].flat[index] = t + h
        above = mean_loss(network, case.x, case.y)
        p[block].flat[index] = t - h
        below = mean_loss(network, case.x, case.y)
        p[block].flat[index] = t
        return (above - below).real / (2 * h)

    return derivative


def complex_step(case: Case) -> Derivative:
    """Return a function that computes complex-step derivatives of the mean loss."""
    p = {name: value.astype(np.complex128) for name, value in case.parameters.items()}
    network = Backpropagation(p, len(case.x))

    def derivative(block: str, index: int, h: float) -> float:
        t = p[block].flat[index]
        p[block].flat[index] = t + 1j * h
        loss = mean_loss(network, case.x, case.y)
        p[block].flat[index] = t
        return loss.imag / h

    return derivative


def mean_loss(network: Backpropagation, x: Array, y: Array) -> complex:
    """Return the mean of (f - y)^2 over the batch; complex parameters give a complex loss."""
    return complex(np.mean(np.square(network.forward(x) - y)))
