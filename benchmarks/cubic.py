"""Cost of a gradient step of `nnlab cubic`, beside the plain NumPy loop that one writes first.

python benchmarks/cubic.py
"""

from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits
from timing import alternate, print_table

from nnlab.cubic.blas import blas_threads, stochastic_descent
from nnlab.cubic.network import Array, Parameters, initial_parameters, minibatch_descent

LR = 0.01


def plain_descent(parameters: Parameters, x: Array, y: Array, lr: float) -> None:
    """Stochastic descent in whole expressions, as the equations read; `parameters` change."""
    W1, b1, W2, b2, W3, b3 = (parameters[k].copy() for k in ("W1", "b1", "W2", "b2", "W3", "b3"))
    W1, W3, b3 = W1[:, 0], W3[0], b3[0]
    for xi, yi in zip(x[:, 0], y[:, 0], strict=True):
        h1 = 1 / (1 + np.exp(-(W1 * xi + b1)))
        h2 = 1 / (1 + np.exp(-(W2 @ h1 + b2)))
        f = W3 @ h2 + b3
        d3 = -2 * (yi - f)
        d2 = W3 * d3 * h2 * (1 - h2)
        d1 = W2.T @ d2 * h1 * (1 - h1)
        W3 = W3 - lr * d3 * h2
        b3 = b3 - lr * d3
        W2 = W2 - lr * np.outer(d2, h1)
        b2 = b2 - lr * d2
        W1 = W1 - lr * d1 * xi
        b1 = b1 - lr * d1
    parameters |= {"W1": W1[:, None], "b1": b1, "W2": W2, "b2": b2, "W3": W3[None]}
    parameters["b3"] = np.array([b3])


def start(hidden: int, samples: int, dtype: str) -> tuple[Parameters, Array, Array]:
    """Return parameters as nnlab draws them, and points."""
    rng = np.random.default_rng(0)
    parameters = initial_parameters(hidden, 0.05, rng, dtype)
    x = rng.uniform(-2, 2, (samples, 1)).astype(dtype)
    return parameters, x, x**3


def descend(parameters: Parameters, x: Array, y: Array, batch: int) -> None:
    """Take the steps as `nnlab cubic` does for this batch size."""
    if batch == 1:
        stochastic_descent(parameters, x, y, LR / 100)
    else:
        minibatch_descent(parameters, x, y, LR / 100, batch)


def largest_difference(steps: int) -> float:
    """Return the largest difference of any parameter after `steps`, relative to its block."""
    ours, x, y = start(125, steps, "float64")
    theirs = {name: p.copy() for name, p in ours.items()}
    stochastic_descent(ours, x, y, LR)
    plain_descent(theirs, x, y, LR)
    return max(
        float(np.abs(ours[name] - theirs[name]).max() / np.abs(theirs[name]).max()) for name in ours
    )


def against_plain(steps: int = 5000) -> None:
    """Print nnlab's step beside the plain loop's, at the defaults (hidden 125, batch 1)."""
    rows = []
    for dtype in ("float64", "float32"):
        parameters, x, y = start(125, steps, dtype)
        seconds = alternate(
            {
                "plain": partial(plain_descent, dict(parameters), x, y, LR),
                "nnlab": partial(stochastic_descent, parameters, x, y, LR),
            }
        )
        us = {name: 1e6 * s / steps for name, s in seconds.items()}
        ratio = us["plain"] / us["nnlab"]
        rows.append([dtype, f"{us['plain']:.1f}", f"{us['nnlab']:.1f}", f"{ratio:.2f}"])
    title = f"A step at hidden 125, batch 1: medians of 7, {steps:,} steps each, in turn"
    print_table(title, ["dtype", "plain loop, µs", "nnlab, µs", "plain / nnlab"], rows)
    print(f"\nParameters after 1,000 steps agree to {largest_difference(1000):.1e} (float64).")


def by_size() -> None:
    """Print how the cost of a step grows with the hidden units and the batch."""
    rows = []
    for hidden in (32, 125, 500, 2000):
        row: list[object] = [hidden]
        for batch in (1, 32, 1024):
            steps = max(3, min(2000, int(4e9 / (6 * hidden**2 * batch + 1e5 * batch))))
            parameters, x, y = start(hidden, steps * batch, "float64")
            with threadpool_limits(blas_threads(hidden, batch), "blas"):
                seconds = alternate({"nnlab": partial(descend, parameters, x, y, batch)}, rounds=5)
            us = 1e6 * seconds["nnlab"] / steps
            row.append(f"{us:,.0f} ({us / batch:,.1f})")
        rows.append(row)
    header = ["hidden", *(f"batch {b}" for b in (1, 32, 1024))]
    print_table("Cost of a step in µs (and of a sample), float64, medians of 5", header, rows)


def main() -> None:
    """Print both tables."""
    with threadpool_limits(1, "blas"):
        against_plain()
    by_size()


if __name__ == "__main__":
    main()
