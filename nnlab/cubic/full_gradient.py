"""The gradient over all points, and its size by layer.

With theta all parameters in one vector, L_i the loss of point i, and n points:

    G = 1/n sum_i dL_i/dtheta         the gradient that full-batch descent follows
    |G|^2 = sum over W1, b1, W2, b2, W3, b3 of the sum of their squares

A layer's part of |G|^2 is that of its W and b together. What is measured uses one BLAS thread:
threads shape the sums of a matrix product, and the numbers must not depend on the machine's cores.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from nnlab.cubic.network import Array, Backpropagation, Parameters

LAYERS = ("1", "2", "3")  # from the input to the output
ALL = "all"
THREADS = 1  # of BLAS
MOST_NUMBERS = 1 << 17  # in a buffer (samples, hidden) of one pass: memory stays bounded


class Sliced(Protocol):
    """An array, (samples, 1), or what computes its slices."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def __getitem__(self, at: slice, /) -> Array:
        """Return some of them."""


def passes(parameters: Parameters, x: Sliced, y: Sliced) -> Iterator[tuple[slice, Backpropagation]]:
    """Run the points through the network, forward and backward, some at a time.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`.
        x: inputs, (samples, 1).
        y: targets, (samples, 1).

    Yields:
        Which points, and the network after their backward pass. Its gradients and deltas are those
        of the mean loss of these points; the next pass overwrites them.
    """
    most = max(1, MOST_NUMBERS // len(parameters["b1"]))
    networks: dict[int, Backpropagation] = {}
    for begin in range(0, len(x), most):
        points = slice(begin, min(begin + most, len(x)))
        size = points.stop - begin
        if size not in networks:
            networks[size] = Backpropagation(parameters, size)
        network = networks[size]
        network.forward(x[points])
        network.backward(x[points], y[points])
        yield points, network


def full_gradient(parameters: Parameters, x: Array, y: Array) -> Parameters:
    """Return G by parameter name: new arrays, with the shapes and the dtype of the parameters.

    Complex parameters give a complex G. Arguments as in `passes`.
    """
    total = {name: np.zeros_like(p) for name, p in parameters.items()}
    for points, network in passes(parameters, x, y):
        _add(total, network, (points.stop - points.start) / len(x))
    return total


def loss_and_gradient(parameters: Parameters, x: Sliced, y: Sliced) -> tuple[float, Parameters]:
    """Return the mean of (y - f)^2 over the points, and G; for real parameters."""
    total, squared = {name: np.zeros_like(p) for name, p in parameters.items()}, 0.0
    for points, network in passes(parameters, x, y):
        squared += float(np.vdot(network.error, network.error))
        _add(total, network, (points.stop - points.start) / len(x))
    return squared / len(x), total


def _add(total: Parameters, network: Backpropagation, share: float) -> None:
    """Add the gradients of a pass that has this share of the points."""
    for name, gradient in network.gradients.items():
        total[name] += np.multiply(gradient, share, out=gradient)


def squares(blocks: Parameters) -> dict[str, float]:
    """Return the sum of the squares of each block, by its name, for real blocks of any shapes."""
    return {name: float(np.vdot(block, block)) for name, block in blocks.items()}


def by_layer(of_blocks: Mapping[str, float]) -> dict[str, float]:
    """Return the sum of W and b of each layer, by the names `1`, `2`, `3`, and `all`."""
    layers = {layer: of_blocks["W" + layer] + of_blocks["b" + layer] for layer in LAYERS}
    return layers | {ALL: sum(layers.values())}


def in_float64(parameters: Parameters) -> Parameters:
    """Return the parameters in float64: what is measured has no rounding errors of float32."""
    return {name: p.astype(np.float64) for name, p in parameters.items()}
