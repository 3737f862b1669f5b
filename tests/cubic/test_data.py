"""The order in which an epoch visits the points, with each value of `order`."""

import os
import signal
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.engines import descent
from nnlab.cubic.state import initial_state
from nnlab.errors import StoppedError
from nnlab.experiments import EXPERIMENTS, launch
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
def test_sorted_and_reversed_are_by_x(xs: list[float], epoch: int) -> None:
    x = np.array(xs)[:, None]
    rising, falling = (
        data.order(CubicConfig(samples=len(x), shuffle=False, order=order), epoch, x)
        for order in ("sorted", "reversed")
    )
    assert x[rising, 0].tolist() == sorted(xs)
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
        visited = data.order(config, epoch, x)
        take_steps(state.parameters, x[visited], y[visited])
    for name, parameter in weights(where).items():
        assert parameter.tobytes() == state.parameters[name].tobytes()


def test_another_order_needs_a_training_without_shuffle(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("cubic", "--order", "once")
    assert done.returncode == 2
    assert "order once is for a training without shuffle" in done.stderr
    assert "add --no-shuffle" in done.stderr
    assert not list(tmp_path.iterdir())
