"""The loss over the plane in which a run mostly moved.

With theta_t the parameters of a run after step t in one vector, at some steps t = 0 .. T, and m
their mean:

    d_1, d_2    the two principal directions of theta_0 - m, ..., theta_T - m: orthonormal
    share       the part of the variance sum_t |theta_t - m|^2 that lies along d_1 and d_2
    theta(a, b) = theta_T + a d_1 + b d_2, the plane: it goes through the end of the run
    a_t, b_t    d_1 . (theta_t - theta_T) and d_2 . (theta_t - theta_T): the projection of theta_t

The plane is a small part of a space of thousands of dimensions, so that its contours alone mislead:
the run is beside the plane, except at its end. `of_path` is the loss of the run itself and
`of_projections` that of the plane below it; where they part, the contours say nothing of the run.

Source: H. Li et al., "Visualizing the loss landscape of neural nets", arXiv:1712.09913, section 7;
E. Lorch, "Visualizing deep network training trajectories with PCA" (2016).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab.console.view import View
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.curvature import blocks, vector
from nnlab.cubic.full_gradient import THREADS, in_float64
from nnlab.cubic.network import Array, Backpropagation
from nnlab.cubic.replay import config_of, states
from nnlab.cubic.replayed import last_step
from nnlab.cubic.state import blank
from nnlab.errors import UsageError
from nnlab.reports.film import log_spaced
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import final_weights, is_finished, same_weights
from nnlab.text import printable, size

POINTS = 500  # training points over which the loss is measured
SIDE = 41  # networks along each side of the plane
MARGIN = 0.2  # around the path, of its extent
FEWEST_STEPS = 2  # of a run that spans a plane
COPIES = 5  # of all states that are in memory at a time
MOST_BYTES = 2 << 30  # of all copies

Told = Callable[[int, int, str], object]
"""(done, total, unit): how far the work is."""


class Plane(NamedTuple):
    """The plane of a path.

    Attributes:
        origin: theta_T, (parameters,).
        directions: d_1 and d_2, (2, parameters).
        shares: of the variance along d_1 and along d_2.
        path: a_t and b_t of each state, (states, 2).
    """

    origin: Array
    directions: Array
    shares: tuple[float, float]
    path: Array


class Landscape(NamedTuple):
    """The loss over the plane of a run.

    Attributes:
        config: the config of the run.
        plane: the plane.
        steps: the steps of the states, ascending.
        points: the number of training points over which each loss is the mean of (y - f)^2.
        a, b: the coordinates of the networks along each side, (side,).
        losses: of the network at (a_j, b_i), (side, side): a row for each b.
        of_path: the loss of each state, (states,).
        of_projections: the loss of the plane at the projection of each state, (states,).
        equal: whether the last state is model.npz, to the bit; None if the run is not finished.
    """

    config: CubicConfig
    plane: Plane
    steps: list[int]
    points: int
    a: Array
    b: Array
    losses: Array
    of_path: Array
    of_projections: Array
    equal: bool | None


def landscape(saved: SavedRun, view: View) -> Landscape:
    """Train the run again, and return the loss over the plane of its states.

    Args:
        saved: the run; of an unfinished one, the steps that it has taken.
        view: shows how far the work is.

    Raises:
        UsageError: the run spans no plane, or its states need too much memory; or as `config_of`.
        DivergedError: as `states`.
    """
    config = config_of(saved)
    last = last_step(saved, config)
    name = printable(saved.path)
    if (diverged := saved.diverged_step) is not None:
        raise UsageError(
            f"{name} diverged at step {diverged:,}, and its last losses are too large for a "
            "picture; give a run that did not"
        )
    final = final_weights(saved, blank(config)) if is_finished(saved) else None
    if last < FEWEST_STEPS:
        raise UsageError(f"{name} is at step {last:,}: a plane needs {FEWEST_STEPS} steps or more")
    steps = sorted({0, *log_spaced(last)})
    count = config.hidden**2 + 4 * config.hidden + 1
    needed = COPIES * 8 * len(steps) * count
    if needed > MOST_BYTES:
        raise UsageError(
            f"{name}: {len(steps)} states of a network with hidden {config.hidden:,} need "
            f"{size(needed)}, more than {size(MOST_BYTES)}: a landscape needs a smaller network"
        )
    found = states(config, steps, told=lambda done: view.progress(done, last, "steps"))
    trajectory, end = np.empty((len(steps), count)), blank(config)
    for index, (_, end) in enumerate(found):
        trajectory[index] = vector(in_float64(end))
    if (trajectory == trajectory[0]).all():
        raise UsageError(f"{name}: the parameters never change, so that there is no plane")
    with threadpool_limits(THREADS, "blas"):
        flat = plane(trajectory)
        x, y = spread(*data.points(config))
        low, high = flat.path.min(axis=0), flat.path.max(axis=0)
        edge = MARGIN * np.maximum(high - low, (high - low).max() / 100)
        a, b = np.linspace(low - edge, high + edge, SIDE).T
        grid = np.stack(np.meshgrid(a, b), axis=-1).reshape(-1, 2)  # (side^2, 2)
        return Landscape(
            config, flat, steps, len(x), a, b,
            losses(flat, grid, x, y, view.progress).reshape(SIDE, SIDE),
            np.array([_loss(Backpropagation(blocks(t, config.hidden), len(x)), x, y)
                      for t in trajectory]),
            losses(flat, flat.path, x, y),
            None if final is None else same_weights(end, final),
        )  # fmt: skip


def plane(trajectory: Array) -> Plane:
    """Return the plane of the states (states, parameters). The path begins at a, b <= 0."""
    centred = trajectory - trajectory.mean(axis=0)
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    variance = lengths**2 / np.sum(lengths**2)
    moved = trajectory - trajectory[-1]
    path = moved @ directions[:2].T  # (states, 2)
    signs = np.where(path[0] > 0, -1.0, 1.0)
    return Plane(
        trajectory[-1],
        directions[:2] * signs[:, None],
        (float(variance[0]), float(variance[1])),
        path * signs,
    )


def spread(x: Array, y: Array) -> tuple[Array, Array]:
    """Return at most POINTS of the points, spread evenly over them in the order of x, in float64.

    Their mean loss is closer to that of all points than the mean over as many drawn at random.
    """
    count = min(POINTS, len(x))
    some = np.argsort(x[:, 0], kind="stable")[
        ((np.arange(count) + 0.5) * len(x) / count).astype(int)
    ]
    return x[some].astype(np.float64), y[some].astype(np.float64)


def losses(flat: Plane, at: Array, x: Array, y: Array, told: Told = lambda *_: None) -> Array:
    """Return the mean of (y - f)^2 of the networks of a plane, (networks,).

    One network after the other: what it needs stays in the processor's cache, so that many at a
    time would take longer.

    Args:
        flat: the plane.
        at: a and b of each network, (networks, 2).
        x: inputs, (samples, 1).
        y: targets, (samples, 1).
        told: called after each network.
    """
    theta = flat.origin.copy()
    hidden = round(np.sqrt(len(theta) + 3)) - 2  # hidden^2 + 4 hidden + 1 numbers
    network = Backpropagation(blocks(theta, hidden), len(x))  # its parameters are views of theta
    found = np.empty(len(at))
    for index, place in enumerate(at):
        np.matmul(place, flat.directions, out=theta)
        theta += flat.origin
        found[index] = _loss(network, x, y)
        told(index + 1, len(at), "networks")
    return found


def _loss(network: Backpropagation, x: Array, y: Array) -> float:
    return float(np.mean((network.forward(x) - y) ** 2))
