"""The network's equations, written as on paper, a sample a column: what engines are held to.

    h1 = s(W1 x + b1)    h2 = s(W2 h1 + b2)    f = W3 h2 + b3    L = (y - f)^2
    delta = -2 (y - f)
    d2 = (W3^T delta) * h2 * (1 - h2)    d1 = (W2^T d2) * h1 * (1 - h1)
    dW3 = delta h2^T    dW2 = d2 h1^T    dW1 = d1 x^T    db = d

No buffer, nothing in place, nothing shared with `nnlab.cubic`: a fault there is not repeated here.
`prove` holds this file to the complex step of its own loss.
"""

import numpy as np

from nnlab.cubic.check.numeric import COMPLEX_STEP
from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Parameters

DIRECTIONS = 8  # random ones for each block; one alone could be blind to an error by chance


def logistic(z: Array) -> Array:
    """Return s(z); complex infinity has no reciprocal, so z goes down to -709."""
    return 1 / (1 + np.exp(np.minimum(-z, 709)))


def activations(p: Parameters, x: Array) -> tuple[Array, Array, Array]:
    """Return h1 and h2, (hidden, batch), and f, (1, batch), for x, (batch, 1)."""
    h1 = logistic(p["W1"] @ x.T + p["b1"][:, None])
    h2 = logistic(p["W2"] @ h1 + p["b2"][:, None])
    return h1, h2, p["W3"] @ h2 + p["b3"][:, None]


def gradient(p: Parameters, x: Array, y: Array, kind: GradientKind = "exact") -> Parameters:
    """Return the gradient of the mean loss over x and y, (batch, 1), by parameter name."""
    h1, h2, f = activations(p, x)
    return _backward(p, x, -2 * (y.T - f), (h1, h2), (h1 * (1 - h1), h2 * (1 - h2)), kind)


def steepest(p: Parameters, x: Array) -> Parameters:
    """Return the gradient if every slope s'(z) and every error f - y were 1."""
    h1, h2, f = activations(p, x)
    ones = np.ones_like(h1)
    return _backward(p, x, 2 * np.ones_like(f), (h1, h2), (ones, ones), "exact")


def _backward(
    p: Parameters,
    x: Array,
    delta: Array,
    h: tuple[Array, Array],
    slopes: tuple[Array, Array],
    kind: GradientKind,
) -> Parameters:
    """Return the gradient from dL/df, (1, batch), and each layer's h and slope, (hidden, batch)."""
    n = len(x)
    dh2 = p["W3"].T @ delta
    d2 = dh2 * slopes[1]
    if kind == "exact":
        dW2, dh1 = d2 @ h[0].T, p["W2"].T @ d2
    else:  # errors 1 and 2 of the assignment's code
        dW2, dh1 = dh2 @ (slopes[1] * h[0]).T, np.diag(p["W2"])[:, None] * d2
    d1 = dh1 * slopes[0]
    return {
        "W1": d1 @ x / n, "b1": d1.mean(axis=1),
        "W2": dW2 / n, "b2": d2.mean(axis=1),
        "W3": delta @ h[1].T / n, "b3": delta.mean(axis=1),
    }  # fmt: skip


def loss(p: Parameters, x: Array, y: Array) -> complex:
    """Return the mean of (y - f)^2; of complex parameters it is complex, too."""
    return complex(np.mean((y.T - activations(p, x)[2]) ** 2))


def prove(
    p: Parameters, x: Array, y: Array, rng: np.random.Generator
) -> dict[str, tuple[Array, Array]]:
    """Return by block the derivatives of the loss in random directions, in two ways.

    Returns:
        `gradient` times the direction, and the complex step along it; (DIRECTIONS,) each.
    """
    found = gradient(p, x, y)
    proofs = {}
    for name, block in p.items():
        along, steps = np.empty(DIRECTIONS), np.empty(DIRECTIONS)
        for k in range(DIRECTIONS):  # one at a time: a direction is as large as its block
            v = rng.standard_normal(block.shape)
            along[k] = np.sum(found[name] * v)
            steps[k] = loss(p | {name: block + 1j * COMPLEX_STEP * v}, x, y).imag
        proofs[name] = along, steps / COMPLEX_STEP
    return proofs


def trained(p: Parameters, x: Array, y: Array, lr: float, steps: int) -> Parameters:
    """Return what p becomes by `steps` steps of gradient descent over all of x and y."""
    for _ in range(steps):
        g = gradient(p, x, y)
        p = {name: block - lr * g[name] for name, block in p.items()}
    return p
