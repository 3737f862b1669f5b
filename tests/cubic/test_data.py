"""The order in which an epoch visits the points, with each value of `order`."""

import os
import signal
import tracemalloc
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.engines import descent
from nnlab.cubic.network import Array
from nnlab.cubic.points import AT_ONCE, Points
from nnlab.cubic.state import initial_state
from nnlab.cubic.walk import Part, walk
from nnlab.errors import StoppedError
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.orders import visits
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, weights

ORDERS = get_args(CubicConfig.model_fields["order"].annotation)
SMALL: dict[str, Any] = {"hidden": 5, "samples": 100, "epochs": 3, "shuffle": False, "gif": False}
ENGINES: tuple[dict[str, Any], ...] = (
    {"batch_size": 1},
    {"batch_size": 7, "dtype": "float32", "log_every": 5},
    {"batch_size": 7, "engine": "numba"},
)


class StopsAt(Silent):
    """Asks its own process to stop, once, when a step is done."""

    def __init__(self, step: int) -> None:
        self.step = step

    def progress(self, done: int, _total: int, _unit: str) -> None:
        if done >= self.step > 0:
            self.step = 0
            os.kill(os.getpid(), signal.SIGTERM)


@given(xs=st.lists(st.floats(-2, 2), min_size=1, max_size=40), epoch=st.integers(0, 9))
def test_sorted_and_reversed_are_by_x(
    tmp_path_factory: pytest.TempPathFactory, xs: list[float], epoch: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "points.npy"
    np.save(path, xs)
    keys: dict[str, Any] = {"points": path, "samples": len(xs), "shuffle": False}
    rising, falling = (
        Points(CubicConfig(order=order, **keys)).order(epoch) for order in ("sorted", "reversed")
    )
    assert [xs[at] for at in rising] == sorted(xs)
    assert falling.tolist() == rising[::-1].tolist()


@pytest.mark.slow
@pytest.mark.parametrize(("order", "keys"), [*zip(ORDERS, 2 * ENGINES, strict=True)])
def test_a_run_that_is_stopped_and_resumed_visits_the_points_in_its_order(
    tmp_path: Path, order: str, keys: dict[str, Any]
) -> None:
    """The same bytes as of the engine alone, which takes all steps of an epoch at once."""
    row, where = EXPERIMENTS["cubic"], tmp_path / "a"
    resolved = resolve(CubicConfig, None, SMALL | keys | {"order": order})
    config, steps = resolved.config, resolved.config.steps_per_epoch
    with pytest.raises(StoppedError):
        launch(row, resolved, command="", run_dir=where, view=StopsAt(3 * steps // 2))
    assert SavedRun(where).status == "interrupted"
    assert steps < SavedRun(where).summary["step"] < 2 * steps
    launch(row, resolved, command="", run_dir=where, resume=True)

    state, (x, y), (take_steps, _) = initial_state(config), data.points(config), descent(config)
    for epoch in range(config.epochs):
        visited = Points(config).order(epoch)
        take_steps(state.parameters, x[visited], y[visited])
    for name, parameter in weights(where).items():
        assert parameter.tobytes() == state.parameters[name].tobytes()


def test_another_order_needs_a_training_without_shuffle(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("cubic", "--order", "once")
    assert done.returncode == 2
    assert "order once is for a training without shuffle" in done.stderr
    assert "add --no-shuffle" in done.stderr
    assert not list(tmp_path.iterdir())


def walked(config: CubicConfig, begin: int, end: int, every: int) -> list[Part]:
    return list(walk(config, Points(config), begin, end, every=every))


def indices(config: CubicConfig, epoch: int, x: Array) -> NDArray[np.int64]:
    rising = np.argsort(x, kind="stable")
    if config.order == "sorted":
        return rising
    if config.order == "reversed":
        return rising[::-1]
    kind = "reshuffle" if config.shuffle else config.order
    return visits(kind, config.samples, config.seed, epoch)


@pytest.mark.parametrize("order", ["reshuffle", *ORDERS])
@pytest.mark.parametrize("keys", [{}, {"batch_size": 7}, {"dtype": "float32"}])
def test_a_walk_visits_the_points_in_the_order_of_each_epoch(
    order: str, keys: dict[str, Any]
) -> None:
    """The points of an epoch, which are not kept, are x[order] and y[order] to the bit."""
    chosen = {"shuffle": True} if order == "reshuffle" else {"shuffle": False, "order": order}
    config = CubicConfig(samples=AT_ONCE + 1000, epochs=3, seed=3, **chosen, **keys)
    steps = config.steps_per_epoch
    x, y = data.points(config)
    orders = [indices(config, epoch, x[:, 0]) for epoch in range(3)]
    for epoch, expected in enumerate(orders):
        np.testing.assert_array_equal(Points(config).order(epoch), expected)
    parts = walked(config, steps // 2, 3 * steps - 5, every=steps)
    assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]
    taken = slice(steps // 2 * config.batch_size, (3 * steps - 5) * config.batch_size)
    found = np.concatenate([part.x for part in parts])
    if config.batch_size > 1:  # the last batch of an epoch is smaller
        rest = -config.samples % config.batch_size
        orders = [np.concatenate([each, np.full(rest, -1)]) for each in orders]
    visited = np.concatenate(orders)[taken]
    visited = visited[visited >= 0]
    np.testing.assert_array_equal(found, x[visited])
    np.testing.assert_array_equal(np.concatenate([part.y for part in parts]), y[visited])
    assert found.dtype == y.dtype == config.dtype


def test_drawn_points_have_known_values() -> None:
    """These of seed 0 never change: the runs of older versions are resumed and replayed."""
    x, y = data.points(CubicConfig(samples=5))
    known = [
        1.558955165112537, 0.22855220082490524, 1.2036323475678885, 1.8260552699013544,
        -1.7655393594025823,
    ]  # fmt: skip
    assert x[:, 0].tolist() == known
    assert y[:, 0].tolist() == [value**3 for value in known]
    shuffled = CubicConfig(samples=5, epochs=2)
    visited = np.concatenate([part.x[:, 0] for part in walked(shuffled, 0, 10, every=5)])
    assert visited.tolist() == [known[i] for i in (4, 2, 1, 0, 3, 1, 4, 2, 0, 3)]


def test_drawn_points_are_the_same_wherever_the_drawing_begins() -> None:
    points = Points(CubicConfig(samples=1000, seed=5))
    for begin in (0, 1, 999, 1000):
        assert points.stored(begin).tolist() == points.stored()[begin:].tolist()


def test_no_epoch_needs_more_than_its_points() -> None:
    config = CubicConfig(samples=2_000_000, batch_size=100_000, epochs=2)
    tracemalloc.start()
    try:
        for part in walk(config, Points(config), 0, 40, every=1):
            assert len(part.x)
        _, shuffled = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        kept = config.model_copy(update={"shuffle": False})
        for part in walk(kept, Points(kept), 0, 40, every=1):
            assert len(part.x)
        _, stored = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2_000_000 * 8 < shuffled < 2_000_000 * 8 * 1.6
    assert stored < 2_000_000 * 8 / 2
