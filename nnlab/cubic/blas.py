"""Stochastic gradient descent, one sample per step, with few and cheap calls from Python.

At batch size 1 the vectors are short, so most of the time goes into calling functions. This file
therefore writes the equations of `nnlab.cubic.network` in BLAS. A BLAS call does more and costs
less than a NumPy call:

    axpy    y = a x + y             gemv    y = a A x + b y
    dot     x^T y                   ger     A = a x y^T + A

ger updates W2 in one pass over its memory and needs no array for the gradient of W2.

Two ideas save calls. A bias is the weight of a unit that is always 1, so that weights and bias
are one matrix: V1 = [W1 b1], V3 = [W3 b3]. And s(z) = (1 + tanh(z/2)) / 2, so that twice an
activation, g = 2h, takes one call and one sum. The factors 1/2 are left to the BLAS calls; as
powers of two they are exact:

    g1 = 1 + tanh(V1 (x, 1) / 2)           = 2 h1
    g2 = 1 + tanh(W2 g1 / 4 - c2 / 4)      = 2 h2, c2 = -2 b2
    f  = V3 (g2, 2) / 2
    q  = g^2 - 2g                          = -4 s'(z), for both layers in one call
    e2 = W3 * q2                           = -4 d2 / d3
    e1 = (W2^T e2) / 16 * q1               = d1 / d3
    r  = lr (f - y)                        = lr d3 / 2
    (V3, c2) -= r (g2, 2, e2)              in one call; this is why c2 stands for b2
    W2 += r/4 e2 g1^T
    V1 -= 2r e1 (x, 1)^T

A test compares the steps of this file with those of `network`.

Source: Lawson et al., "Basic linear algebra subprograms for Fortran usage" (1979), and Dongarra
et al., "An extended set of Fortran basic linear algebra subprograms" (1988).
"""

import numpy as np

from nnlab.cubic.fortran import blas
from nnlab.cubic.network import Array, Parameters

BLAS = blas()
LINE = 64  # bytes of a cache line
LARGE = 512  # hidden units; from here on a copy of W2 with aligned rows does not save time


@np.errstate(over="ignore", invalid="ignore")  # the caller checks for overflow
def stochastic_descent(parameters: Parameters, x: Array, y: Array, lr: float) -> Array:
    """Take one gradient step for each sample of x, in order; change `parameters` in place.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`.
        x: inputs, (samples, 1), with the dtype of the parameters.
        y: targets, (samples, 1).
        lr: learning rate.

    Returns:
        f - y of each sample, computed before its step; (samples, 1).
    """
    kind = {"float64": "d", "float32": "s"}[x.dtype.name]
    axpy, copy, dot, gemv, ger = (
        getattr(BLAS, kind + name) for name in ("axpy", "copy", "dot", "gemv", "ger")
    )
    tanh, multiply = np.tanh, np.multiply
    W1, b1, W2, b2, W3, b3 = (parameters[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
    n = len(b1)
    V1T = np.stack([W1[:, 0], b1])  # (2, hidden)
    rows = _aligned(n, n, x.dtype) if n < LARGE else W2  # (hidden, hidden or some more)
    rows[:, :n] = W2
    V1, W2T = V1T.T, rows.T  # views in column-major order, as BLAS needs it
    vectors = _aligned(4, n + 1, x.dtype)  # g1, g2, e2, e1
    q, weights = (_aligned(2, n + 1, x.dtype) for _ in range(2))  # q1, q2; V3, c2
    vectors[1, n] = 2
    weights[0, :n], weights[0, n], weights[1, :n] = W3, b3[0], -2 * b2
    g1, g2, e2, e1 = vectors[:, :n]
    (q1, q2), (w3, c2) = q[:, :n], weights[:, :n]
    g2_and_2, V3 = vectors[1, : n + 1], weights[0, : n + 1]
    g1_and_0, e1_and_0 = (vectors[k, : rows.shape[1]] for k in (0, 3))  # as long as a row of W2
    g, g2_to_e2, all_q, V3_and_c2 = (a.ravel() for a in (vectors[:2], vectors[1:3], q, weights))
    ones, size = np.ones(n, x.dtype), len(g)
    errors = []
    for x_and_1, yi in zip(np.append(x, np.ones_like(x), axis=1), y[:, 0].tolist(), strict=True):
        gemv(0.5, V1, x_and_1, 0, g1, 0, 1, 0, 1, 0, 1)
        tanh(g1, g1)
        axpy(ones, g1)
        copy(c2, g2)
        gemv(0.25, W2T, g1_and_0, -0.25, g2, 0, 1, 0, 1, 1, 1)
        tanh(g2, g2)
        axpy(ones, g2)
        error = 0.5 * dot(V3, g2_and_2) - yi
        multiply(g, g, all_q)
        axpy(g, all_q, size, -2)
        multiply(w3, q2, e2)
        gemv(0.0625, W2T, e2, 0, e1_and_0, 0, 1, 0, 1, 0, 1)
        multiply(e1, q1, e1)
        r = lr * error
        axpy(g2_to_e2, V3_and_c2, size, -r)
        ger(0.25 * r, g1_and_0, e2, 1, 1, W2T, 1, 1, 1)
        ger(-2 * r, e1, x_and_1, 1, 1, V1, 1, 1, 1)
        errors.append(error)
    W1[:, 0], b1[:] = V1T
    W2[:] = rows[:, :n]
    b2[:], W3[0], b3[0] = -0.5 * c2, w3, V3[n]
    return np.array(errors, x.dtype)[:, None]


def _aligned(rows: int, columns: int, dtype: np.dtype) -> Array:
    """Return zeros, (rows, columns or some more), in which each row begins a cache line."""
    line = LINE // dtype.itemsize
    width = -(-columns // line) * line
    room = np.zeros(rows * width + line, dtype)
    first = -room.ctypes.data // dtype.itemsize % line
    return room[first : first + rows * width].reshape(rows, width)
