"""The derivative of the loss by one parameter t without a backward pass, in two ways.

    central difference    dL/dt = (L(t + h) - L(t - h)) / 2h + O(h^2)
    complex step          dL/dt = Im L(t + i h) / h + O(h^2)

Both follow from Taylor's series. The difference loses what two nearly equal numbers have in
common: a small h is paid for with a rounding error of eps |L| / h, so its error over h is a V.
The complex step subtracts nothing; h = 1e-20 leaves no error but that of computing L.

Source: W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real
functions", SIAM Review 40 (1998); J. Martins, P. Sturdza and J. Alonso, "The complex-step
derivative approximation", ACM Transactions on Mathematical Software 29 (2003).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlab.cubic.network import Array, Backpropagation, Parameters

DIFFERENCE_STEP = 6e-6  # the cube root of float64's eps, where the two errors are alike
COMPLEX_STEP = 1e-20

Derivative = Callable[[str, int, float], float]
"""(block, flat index in it, h) -> dL/dt of that parameter."""


class Case(NamedTuple):
    """A network and the batch x, y, each (batch, 1), over which its loss is a mean."""

    parameters: Parameters
    x: Array
    y: Array


def central_difference(case: Case) -> Derivative:
    """Return what takes central differences of the mean loss."""
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
    """Return what takes complex steps on the mean loss."""
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
    """Return L = (f - y)^2, a mean over the batch; of complex parameters it is complex, too."""
    return complex(np.mean(np.square(network.forward(x) - y)))
