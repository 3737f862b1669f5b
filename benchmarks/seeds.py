"""Measure how good the fit of `nnlab cubic` is with the defaults, and how much of it is luck.

    python benchmarks/seeds.py [SEEDS]

Trains each seed, and measures the error on the grid after every 1,000 of the last 20,000 steps.
"""

import sys

import numpy as np
from threadpoolctl import threadpool_limits
from timing import print_table

from nnlab.cubic import data
from nnlab.cubic.blas import stochastic_descent
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Backpropagation
from nnlab.cubic.points import Points
from nnlab.cubic.state import initial_state

EVERY = 1000  # steps


def rmse_by_thousand(seed: int) -> list[float]:
    """Return the RMSE on the grid after every thousand steps of the default run."""
    config = CubicConfig(seed=seed)
    parameters = initial_state(config).parameters
    judge = Backpropagation(parameters, len(data.GRID))
    points = Points(config)
    x, y = points.pairs(points.visited(0)(0, config.samples))
    found = []
    for start in range(0, config.samples, EVERY):
        block = slice(start, start + EVERY)
        stochastic_descent(parameters, x[block], y[block], config.lr)
        error = judge.forward(data.GRID[:, None])[:, 0] - data.GRID**3
        found.append(float(np.sqrt(np.mean(error**2))))
    return found


def main() -> None:
    """Print the distribution."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with threadpool_limits(1, "blas"):
        rmse = np.array([rmse_by_thousand(seed) for seed in range(seeds)])  # (seeds, 100)
    rows = []
    for name, values in (
        ("seeds 0 to 5, after the last step", rmse[:6, -1]),
        (f"seeds 0 to {seeds - 1}, after the last step", rmse[:, -1]),
        (f"seeds 0 to {seeds - 1}, each of the last 20 thousands", rmse[:, -20:].ravel()),
    ):
        middle = f"{np.median(values):.4f}"
        span = f"{values.min():.4f} to {values.max():.4f}"
        rows.append([name, f"{values.mean():.4f}", middle, span, f"{np.mean(values > 0.06):.0%}"])
    print_table(
        "RMSE on the grid at the defaults", ["", "mean", "median", "range", "above 0.06"], rows
    )


if __name__ == "__main__":
    main()
