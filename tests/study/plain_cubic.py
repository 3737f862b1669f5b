"""The network of `nnlab cubic` written once more, in plain NumPy and by the definitions alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def s(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def loss(p: Mapping[str, Array], x: Array, y: Array) -> float:
    h1 = s(x @ p["W1"].T + p["b1"])
    h2 = s(h1 @ p["W2"].T + p["b2"])
    return float(np.mean((y - h2 @ p["W3"].T - p["b3"]) ** 2))


def gradients(p: Mapping[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Return the gradient of each point, (points, *shape of the parameter)."""
    h1 = s(x @ p["W1"].T + p["b1"])
    h2 = s(h1 @ p["W2"].T + p["b2"])
    d3 = 2 * (h2 @ p["W3"].T + p["b3"] - y)
    d2 = d3 @ p["W3"] * h2 * (1 - h2)
    d1 = d2 @ p["W2"] * h1 * (1 - h1)
    outer = {
        f"W{layer}": np.einsum("so,si->soi", d, a)
        for layer, d, a in ((1, d1, x), (2, d2, h1), (3, d3, h2))
    }
    return outer | {"b1": d1, "b2": d2, "b3": d3}


def mean_gradient(p: Mapping[str, Array], x: Array, y: Array) -> Array:
    """Return the mean of `gradients` as one vector, in the order of NAMES."""
    found = gradients(p, x, y)
    return np.concatenate([found[name].mean(axis=0).ravel() for name in NAMES])


def hessian(p: Mapping[str, Array], x: Array, y: Array, step: float = 1e-5) -> Array:
    """Return the Hessian of the loss by central differences of the gradient."""
    p = {name: p[name].copy() for name in NAMES}
    rows = []
    for name in NAMES:
        for place in np.ndindex(p[name].shape):
            ends = []
            for sign in (1, -1):
                kept = p[name][place]
                p[name][place] = kept + sign * step
                ends.append(mean_gradient(p, x, y))
                p[name][place] = kept
            rows.append((ends[0] - ends[1]) / (2 * step))
    found = np.array(rows)
    return (found + found.T) / 2


def layer_norms(p: Mapping[str, Array], x: Array, y: Array) -> dict[int, float]:
    """Return sqrt(mean over the points of |gradient of a layer|^2), by layer."""
    found, n = gradients(p, x, y), len(x)
    return {
        layer: float(np.sqrt(sum(np.sum(found[f"{name}{layer}"] ** 2) for name in "Wb") / n))
        for layer in (1, 2, 3)
    }
