"""A second implementation of the network's equations, written as on paper: one sample per column.

    h1 = s(W1 x + b1)    h2 = s(W2 h1 + b2)    f = W3 h2 + b3    L = (y - f)^2
    delta = -2 (y - f)
    d2 = (W3^T delta) * h2 * (1 - h2)    d1 = (W2^T d2) * h1 * (1 - h1)
    dW3 = delta h2^T    dW2 = d2 h1^T    dW1 = d1 x^T    db = d

`nnlab check` compares the steps of the engines with it. It uses no buffers and changes nothing in
place. It shares no code with `nnlab.cubic`, so a mistake there is not repeated here. This file is
checked too: `directional_derivatives` compares its gradient with the complex step of its loss.
"""

import numpy as np

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Parameters

COMPLEX_STEP = 1e-20  # of `numeric`'s complex-step derivative
DIRECTIONS = 8  # random directions per block; a single one could miss an error by chance


def logistic(z: Array) -> Array:
    """Return s(z); z is limited to -709, because 1 / (complex infinity) is nan."""
    return 1 / (1 + np.exp(np.minimum(-z, 709)))


def activations(p: Parameters, x: Array) -> tuple[Array, Array, Array]:
    """Return h1 and h2, both (hidden, batch), and f, (1, batch), for x, (batch, 1)."""
    h1 = logistic(p["W1"] @ x.T + p["b1"][:, None])
    h2 = logistic(p["W2"] @ h1 + p["b2"][:, None])
    return h1, h2, p["W3"] @ h2 + p["b3"][:, None]


def gradient(p: Parameters, x: Array, y: Array, kind: GradientKind = "exact") -> Parameters:
    """Return the gradient of the mean loss over x and y, both (batch, 1), by parameter name."""
    h1, h2, f = activations(p, x)
    return _backward(p, x, -2 * (y.T - f), (h1, h2), (h1 * (1 - h1), h2 * (1 - h2)), kind)


def sensitivity(p: Parameters, x: Array) -> Parameters:
    """Return the gradient with every slope s'(z) and every error f - y replaced by 1.

    Multiplied by the rounding error of slopes and errors, it estimates that of the gradient.
    """
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
    """Return the gradient from delta, (1, batch), and h and slope per layer, (hidden, batch)."""
    n = len(x)
    dh2 = p["W3"].T @ delta
    d2 = dh2 * slopes[1]
    dW2, dh1 = d2 @ h[0].T, p["W2"].T @ d2
    if kind in {"wrong-unit", "as-printed"}:  # error 1 of the assignment's code
        dW2 = dh2 @ (slopes[1] * h[0]).T
    if kind in {"diagonal", "as-printed"}:  # error 2
        dh1 = np.diag(p["W2"])[:, None] * d2
    d1 = dh1 * slopes[0]
    return {
        "W1": d1 @ x / n, "b1": d1.mean(axis=1),
        "W2": dW2 / n, "b2": d2.mean(axis=1),
        "W3": delta @ h[1].T / n, "b3": delta.mean(axis=1),
    }  # fmt: skip


def loss(p: Parameters, x: Array, y: Array) -> complex:
    """Return the mean of (y - f)^2 over the batch; complex parameters give a complex loss."""
    return complex(np.mean((y.T - activations(p, x)[2]) ** 2))


def directional_derivatives(
    p: Parameters, x: Array, y: Array, rng: np.random.Generator
) -> dict[str, tuple[Array, Array]]:
    """Compute derivatives of the loss in random directions in two ways, by parameter name.

    Returns:
        The dot products of `gradient` with the directions, and the complex steps along the same
        directions; both (DIRECTIONS,).
    """
    found = gradient(p, x, y)
    derivatives = {}
    for name, block in p.items():
        along, steps = np.empty(DIRECTIONS), np.empty(DIRECTIONS)
        for k in range(DIRECTIONS):  # one at a time: a direction needs as much memory as its block
            v = rng.standard_normal(block.shape)
            along[k] = np.sum(found[name] * v)
            steps[k] = loss(p | {name: block + 1j * COMPLEX_STEP * v}, x, y).imag
        derivatives[name] = along, steps / COMPLEX_STEP
    return derivatives


def trained(p: Parameters, x: Array, y: Array, lr: float, steps: int) -> Parameters:
    """Return the parameters after `steps` steps of full-batch gradient descent from p."""
    for _ in range(steps):
        g = gradient(p, x, y)
        p = {name: block - lr * g[name] for name, block in p.items()}
    return p
