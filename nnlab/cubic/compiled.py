"""Gradient descent compiled by Numba: the equations of `nnlab.cubic.network`, loop by loop.

A step reads W2 twice, which is what it costs: z2 = W2 h1 needs every row; then d2 is known, and
one more sweep takes from each row, while it is in the registers, what it owes to d1 = W2^T d2 and
leaves it as W2 - lr d2 h1^T. A batch makes the same two sweeps, a row serving all its samples.

The exponential of the logistic function would keep the processor's vector units out. Here it is
rational: s(z) = (1 + tanh(z/2)) / 2, where tanh comes from Lambert's continued fraction

    tanh u = u / (1 + u^2 / (3 + u^2 / (5 + u^2 / (7 + u^2 / 9))))
           = u (945 + 105 u^2 + u^4) / (945 + 420 u^2 + 15 u^4) = n / d

at u = z / 32, and from tanh 2u = 2 tanh u / (1 + tanh^2 u), which is 2 n d / (d^2 + n^2): numerator
and denominator are doubled three times, to z / 4, and divided once,
s(z) = (d + n)^2 / (2 (d^2 + n^2)). The absolute error is at most 1e-15 in float64 and 3e-7 in
float32, for every z; a test holds that.

Floating-point sums may be taken in another order (`reassoc`), else they could not be vectorized.
What is no number stays so (no `nnan`, no `ninf`): who descends looks at the errors.

Source: J. H. Lambert, "Mémoire sur quelques propriétés remarquables des quantités transcendentes
circulaires et logarithmiques" (1768); NIST Digital Library of Mathematical Functions, 4.39.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numba import njit

from nnlab.cubic.network import Array, Parameters, shapes

FAR = 36  # from where on s(z) is as good as 1: the difference is 2e-16
FAST = {"reassoc", "contract", "arcp", "nsz"}

Function = TypeVar("Function", bound=Callable[..., None])


def _compiled(function: Function) -> Function:
    """Compile `function` for the types it is called with, and keep it on disk where one may."""
    try:
        compiled: Function = njit(function, cache=True, fastmath=FAST, error_model="numpy")
    except RuntimeError:  # Numba finds no folder that it can write
        compiled = njit(function, fastmath=FAST, error_model="numpy")
    return compiled


@_compiled
def sigmoid(z: Array) -> None:
    """Replace z, (units,), by s(z)."""
    number = z.dtype.type  # constants of another type would make every product one of float64
    for i in range(len(z)):
        u = min(max(z[i], -number(FAR)), number(FAR)) / number(32)
        u2 = u * u
        n = u * (number(945) + u2 * (number(105) + u2)) / number(945)
        d = (number(945) + u2 * (number(420) + u2 * number(15))) / number(945)
        for _ in range(3):
            n, d = number(2) * n * d, d * d + n * n
        z[i] = (d + n) * (d + n) / (number(2) * (d * d + n * n))


@_compiled
def _first_sweep(W2: Array, b2: Array, h1: Array, h2: Array) -> None:
    """Fill h2, (samples, hidden), with z2 = W2 h1 + b2."""
    for i in range(len(b2)):
        for s in range(len(h1)):
            z2 = b2[i]
            for j in range(len(b2)):
                z2 += W2[i, j] * h1[s, j]
            h2[s, i] = z2


@_compiled
def _second_sweep(W2: Array, b2: Array, h1: Array, d1: Array, d2: Array, lr: float) -> None:
    """Add W2^T d2 to d1; move W2 and b2. All are (samples, hidden) but W2 and b2."""
    hidden, samples = len(b2), len(h1)
    for i in range(hidden):
        for s in range(1, samples):
            for j in range(hidden):
                d1[s, j] += d2[s, i] * W2[i, j]
        for j in range(hidden):  # the first sample's share and its move, in one reading
            w = W2[i, j]
            d1[0, j] += d2[0, i] * w
            W2[i, j] = w - lr * d2[0, i] * h1[0, j]
        for s in range(1, samples):
            for j in range(hidden):
                W2[i, j] -= lr * d2[s, i] * h1[s, j]
        for s in range(samples):
            b2[i] -= lr * d2[s, i]


@_compiled
def _step(
    parameters: tuple[Array, ...], x: Array, y: Array, lr: float, buffers: tuple[Array, ...],
    errors: Array,
) -> None:  # fmt: skip
    """Take one gradient step for the samples x, in buffers of (samples, hidden)."""
    W1, b1, W2, b2, W3, b3 = parameters
    h1, h2, d1, d2 = buffers
    number, hidden, samples = b1.dtype.type, len(b1), len(x)
    one, share = number(1), number(2) / number(samples)
    for s in range(samples):
        for i in range(hidden):
            h1[s, i] = W1[i] * x[s] + b1[i]
        sigmoid(h1[s])
    _first_sweep(W2, b2, h1, h2)
    for s in range(samples):
        sigmoid(h2[s])
        f = b3[0]
        for i in range(hidden):
            f += W3[i] * h2[s, i]
        errors[s] = f - y[s]
        d3 = share * errors[s]
        for i in range(hidden):
            d2[s, i] = d3 * W3[i] * h2[s, i] * (one - h2[s, i])
            d1[s, i] = 0
    for s in range(samples):  # when every sample has read W3
        move = lr * share * errors[s]
        b3[0] -= move
        for i in range(hidden):
            W3[i] -= move * h2[s, i]
    _second_sweep(W2, b2, h1, d1, d2, lr)
    for s in range(samples):
        for i in range(hidden):
            move = lr * d1[s, i] * h1[s, i] * (one - h1[s, i])
            b1[i] -= move
            W1[i] -= move * x[s]


@_compiled
def _descend(
    parameters: tuple[Array, ...], x: Array, y: Array, lr: float, batch_size: int, errors: Array
) -> None:
    """Take a step for each batch; W1 and W3 are (hidden,), x, y and errors (samples,)."""
    b1 = parameters[1]
    h1 = np.empty((batch_size, len(b1)), b1.dtype)
    h2, d1, d2 = np.empty_like(h1), np.empty_like(h1), np.empty_like(h1)
    for first in range(0, len(x), batch_size):
        end = min(first + batch_size, len(x))
        n = end - first
        buffers = (h1[:n], h2[:n], d1[:n], d2[:n])
        _step(parameters, x[first:end], y[first:end], lr, buffers, errors[first:end])


def compiled_descent(
    parameters: Parameters, x: Array, y: Array, lr: float, batch_size: int
) -> Array:
    """Take one gradient step for each batch of x, in order; `parameters` move in place.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, as `network.initial_parameters` shapes them.
        x: inputs, (samples, 1), of the parameters' dtype.
        y: targets, (samples, 1).
        lr: learning rate.
        batch_size: samples in a step.

    Returns:
        f - y of each sample, before the step that it took part in; (samples, 1).
    """
    p, errors = parameters, np.empty_like(y)
    arrays = (p["W1"][:, 0], p["b1"], p["W2"], p["b2"], p["W3"][0], p["b3"])
    _descend(arrays, x[:, 0], y[:, 0], x.dtype.type(lr), batch_size, errors[:, 0])
    return errors


def load(dtype: str) -> None:
    """Load the steps for numbers of `dtype` from disk, or compile them (some seconds).

    What is on disk and cannot be read, as after a power failure, is compiled anew.
    """
    parameters = {name: np.zeros(shape, dtype) for name, shape in shapes(1).items()}
    nothing = np.zeros((0, 1), dtype)
    try:
        compiled_descent(parameters, nothing, nothing, 0, 1)
    except Exception:
        folder = _descend.stats.cache_path  # type: ignore[attr-defined] # Numba's
        if folder is None:
            raise
        for kept in Path(folder).glob(f"{Path(__file__).stem}.*.nb[ic]"):
            kept.unlink()
        compiled_descent(parameters, nothing, nothing, 0, 1)
