"""Stochastic gradient descent, one sample per step, with few and cheap calls from Python.

At batch size 1 the vectors are short, so most of the time goes into calling functions. This file
therefore writes the equations of `nnlab.cubic.network` in BLAS. A BLAS call does more and costs
less than a NumPy call:

    scal    x = a x                 dot     x^T y
    axpy    y = a x + y             gemv    y = a A x + b y
    ger     A = a x y^T + A

ger updates W2 in one pass over its memory and needs no array for the gradient of W2. A test
compares the steps of this file with those of `network`.

Source: Lawson et al., "Basic linear algebra subprograms for Fortran usage" (1979), and Dongarra
et al., "An extended set of Fortran basic linear algebra subprograms" (1988).
"""

import numpy as np

from nnlab.cubic.fortran import blas
from nnlab.cubic.network import Array, Parameters

BLAS = blas()


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
    axpy, gemv, ger, dot, scal = (
        getattr(BLAS, kind + name) for name in ("axpy", "gemv", "ger", "dot", "scal")
    )
    negative, exp, add, reciprocal = np.negative, np.exp, np.add, np.reciprocal
    subtract, multiply = np.subtract, np.multiply
    W1, b1, b2 = parameters["W1"][:, 0], parameters["b1"], parameters["b2"]  # (hidden,) each
    W2T = parameters["W2"].T  # a view in column-major order, as BLAS needs it
    n = len(b1)
    h1, d1, d2, slope = (np.empty(n, x.dtype) for _ in range(4))
    one = np.ones((), x.dtype)
    # b3 is the weight of a constant unit with the value 1, so that one call handles W3 and b3.
    W3b3 = np.append(parameters["W3"], parameters["b3"])  # (hidden + 1,)
    h2_and_1 = np.ones(n + 1, x.dtype)
    W3, h2 = W3b3[:n], h2_and_1[:n]  # views
    errors = []
    for xi, yi in zip(x[:, 0].tolist(), y[:, 0].tolist(), strict=True):
        negative(b1, h1)
        axpy(W1, h1, n, -xi)  # -z1 = -(W1 x + b1)
        exp(h1, h1)
        add(h1, one, h1)
        reciprocal(h1, h1)  # h1 = 1 / (1 + e^-z1)
        negative(b2, h2)
        gemv(-1, W2T, h1, 1, h2, 0, 1, 0, 1, 1, 1)  # -z2 = -(W2 h1 + b2)
        exp(h2, h2)
        add(h2, one, h2)
        reciprocal(h2, h2)  # h2 = 1 / (1 + e^-z2)
        error = dot(W3b3, h2_and_1) - yi  # f - y, f = W3 h2 + b3
        d3 = 2 * error
        subtract(one, h2, slope)
        multiply(slope, h2, slope)
        multiply(W3, slope, d2)
        scal(d3, d2)  # d2 = (W3^T d3) * h2 * (1 - h2)
        gemv(1, W2T, d2, 0, d1, 0, 1, 0, 1, 0, 1)  # W2^T d2
        subtract(one, h1, slope)
        multiply(slope, h1, slope)
        multiply(d1, slope, d1)  # d1 = (W2^T d2) * h1 * (1 - h1)
        axpy(h2_and_1, W3b3, n + 1, -lr * d3)  # W3 -= lr d3 h2^T, b3 -= lr d3
        ger(-lr, h1, d2, 1, 1, W2T, 1, 1, 1)  # W2 -= lr d2 h1^T
        axpy(d2, b2, n, -lr)
        axpy(d1, W1, n, -lr * xi)
        axpy(d1, b1, n, -lr)
        errors.append(error)
    parameters["W3"][0], parameters["b3"][0] = W3b3[:n], W3b3[n]
    return np.array(errors, x.dtype)[:, None]
