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

from nnlab.cubic.check.plain import logistic
from nnlab.cubic.network import Array, Parameters

DIFFERENCE_STEP = 6e-6  # cube root of float64's eps: the two errors are about equal
OUTPUT = 3  # the layer without a logistic function


class Case(NamedTuple):
    """The parameters of a network and one batch, x and y, both (batch, 1)."""

    parameters: Parameters
    x: Array
    y: Array


Derivative = Callable[[Case, str, Array, float], Array]
"""(case, block, flat indices of entries in the block, h) -> dL/dt by each entry, (entries,)."""


def central_difference(case: Case, block: str, entries: Array, h: float) -> Array:
    """Return the central differences of the mean loss."""
    above, below = losses(case, block, entries, h), losses(case, block, entries, -h)
    found: Array = (above - below) / (2 * h)
    return found


def complex_step(case: Case, block: str, entries: Array, h: float) -> Array:
    """Return the complex-step derivatives of the mean loss."""
    found: Array = losses(case, block, entries, 1j * h).imag / h
    return found


def losses(case: Case, block: str, entries: Array, change: complex) -> Array:
    """Return the mean loss of one network for each entry; `change` is added to that entry alone.

    A changed entry changes the output of a single unit of its layer. So the layers up to there are
    computed once, and each network has one row of weights and the later layers of its own. As in
    `plain`, each sample is a column.

    Returns:
        The losses, (entries,), complex if `change` is. The largest array that is needed has
        entries * hidden * batch numbers.
    """
    p, layer = case.parameters, int(block[1])
    h = case.x.T  # (inputs of the layer, batch)
    for before in range(1, layer):
        h = _outputs(p, before, h)
    W, b = p[f"W{layer}"], p[f"b{layer}"]
    dtype, network = np.result_type(W, type(change)), np.arange(len(entries))
    unit, given = np.divmod(entries, W.shape[1]) if block[0] == "W" else (entries, None)
    rows, biases = W[unit].astype(dtype), b[unit].astype(dtype)  # (entries, inputs), (entries,)
    if given is None:
        biases += change
    else:
        rows[network, given] += change
    outputs = np.empty((len(entries), len(b), h.shape[1]), dtype)
    outputs[:] = _outputs(p, layer, h)
    outputs[network, unit] = _activation(layer, rows @ h + biases[:, None])
    for after in range(layer + 1, OUTPUT + 1):
        outputs = _outputs(p, after, outputs)
    loss: Array = np.mean((outputs - case.y.T) ** 2, axis=(1, 2))
    return loss


def _outputs(p: Parameters, layer: int, h: Array) -> Array:
    """Return what a layer makes of its inputs h, (..., inputs, batch)."""
    return _activation(layer, p[f"W{layer}"] @ h + p[f"b{layer}"][:, None])


def _activation(layer: int, z: Array) -> Array:
    return z if layer == OUTPUT else logistic(z)
