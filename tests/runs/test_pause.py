"""A run that pauses at a log point, and goes on later, is the run that nobody paused."""

import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab.config.resolve import resolve
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.config import CubicConfig
from nnlab.errors import StoppedError
from nnlab.experiments import EXPERIMENTS, launch, launch_together
from nnlab.fashion.config import FashionConfig
from nnlab.jobs.training import trained
from nnlab.runs.columns import Row
from nnlab.runs.saved import SavedRun
from tests.conftest import rows, without_times

CUBIC = EXPERIMENTS["cubic"]
SMALL = {"hidden": 5, "samples": 230, "log_every": 50, "seed": 3}
POINTS = 5  # of SMALL: at steps 50, 100, 150, 200 and 230


class Heard:
    """A listener that counts log points, and can send this process a signal.

    Args:
        sends: the log point at which it sends SIGTERM; 0 for the end of the run.
    """

    name: ClassVar[str] = "heard"

    def __init__(self, sends: int | None = None) -> None:
        self.rows: list[Row] = []
        self._sends = sends

    def begin(self, saved: SavedRun) -> None:
        pass

    def log(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) == self._sends:
            os.kill(os.getpid(), signal.SIGTERM)

    def end(self, saved: SavedRun) -> None:
        assert saved.path
        if self._sends == 0:
            os.kill(os.getpid(), signal.SIGTERM)


def train(
    path: Path, until: int | None = None, heard: Iterable[Heard] = (), **keys: Any
) -> SavedRun:
    """Train the run in `path`, or go on with it."""
    resolved = resolve(CUBIC.config, None, SMALL | keys)
    return launch(
        CUBIC, resolved, command="a test", run_dir=path, resume=path.exists(), until=until,
        listeners=heard, pictures=False,
    )  # fmt: skip


def assert_same(ours: Path, theirs: Path) -> None:
    assert (ours / "model.npz").read_bytes() == (theirs / "model.npz").read_bytes()
    assert without_times(ours) == without_times(theirs)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("keys", [{}, {"batch_size": 7, "epochs": 4, "log_every": 30}])
def test_a_paused_run_repeats_nothing_and_ends_the_same(
    tmp_path: Path, engine: str, keys: dict[str, Any]
) -> None:
    if engine == "numba":
        pytest.importorskip("numba")
    keys = keys | {"engine": engine}
    whole = train(tmp_path / "whole", **keys)
    path, stages = tmp_path / "paused", {1: Heard(), 3: Heard(), None: Heard()}
    for until, heard in stages.items():
        saved = train(path, until, [heard], **keys)
        assert saved.status == ("completed" if until is None else "interrupted")
        if until:
            assert len(rows(path)) == until
            assert saved.summary["rmse"] == float(rows(path)[-1]["rmse"])
            assert "no step will be repeated" in saved.record["error"]
    heard_rows = [row["step"] for heard in stages.values() for row in heard.rows]
    assert heard_rows == list(whole.metrics["step"])
    assert "error" not in SavedRun(path).record
    assert_same(path, whole.path)


@pytest.mark.parametrize("until", [POINTS, POINTS + 10])
def test_a_run_that_ends_first_completes(tmp_path: Path, until: int) -> None:
    assert train(tmp_path / "a", until).status == "completed"
    assert len(rows(tmp_path / "a")) == POINTS


def test_a_run_with_more_log_points_trains_no_step(tmp_path: Path) -> None:
    train(tmp_path / "a", 3)
    before = (tmp_path / "a/metrics.csv").read_bytes()
    for until in (0, 2, 3):
        heard = Heard()
        assert train(tmp_path / "a", until, [heard]).status == "interrupted"
        assert heard.rows == []
    assert (tmp_path / "a/metrics.csv").read_bytes() == before


def test_a_run_pauses_in_any_thread(tmp_path: Path) -> None:
    thread = threading.Thread(target=train, args=(tmp_path / "a", 2))
    thread.start()
    thread.join()
    assert SavedRun(tmp_path / "a").status == "interrupted"
    assert len(rows(tmp_path / "a")) == 2
    train(tmp_path / "a")
    assert_same(tmp_path / "a", train(tmp_path / "whole").path)


@pytest.mark.parametrize("sends", [1, 2, 0])
def test_a_signal_is_not_lost_in_a_pause(tmp_path: Path, sends: int) -> None:
    """It comes before the log point of the pause, at it, or while the pause ends the run."""
    with pytest.raises(StoppedError, match="interrupted by SIGTERM") as stopped:
        train(tmp_path / "a", 2, [Heard(sends)])
    assert f"nnlab resume {tmp_path / 'a'}" in str(stopped.value)
    assert SavedRun(tmp_path / "a").status == "interrupted"
    train(tmp_path / "a")
    assert_same(tmp_path / "a", train(tmp_path / "whole").path)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_runs_that_are_trained_together_pause_each(tmp_path: Path, engine: str) -> None:
    if engine == "numba":
        pytest.importorskip("numba")
    paths = [tmp_path / f"run-{seed}" for seed in range(3)]
    resolved = [resolve(CUBIC.config, None, SMALL | {"engine": engine, "seed": s}) for s in (0, 1)]

    def together(until: int | None, resume: bool) -> list[str]:
        ends = launch_together(
            CUBIC, resolved, command="a test", run_dirs=paths[:2], resume=[resume] * 2,
            pictures=False, until=until,
        )  # fmt: skip
        return [end.status for end in ends if isinstance(end, SavedRun)]

    assert together(2, resume=False) == ["interrupted"] * 2
    assert [len(rows(path)) for path in paths[:2]] == [2, 2]
    assert together(None, resume=True) == ["completed"] * 2
    for seed in (0, 1):
        whole = train(tmp_path / f"whole-{seed}", engine=engine, seed=seed)
        assert_same(paths[seed], whole.path)


def test_a_run_with_enough_log_points_is_not_touched(tmp_path: Path) -> None:
    def go_on(until: int | None) -> bytes:
        (end,) = trained(CUBIC, {tmp_path / "a": SMALL}, "a test", until=until)
        assert isinstance(end, SavedRun)
        return (tmp_path / "a/run.json").read_bytes()

    paused = go_on(2)
    assert go_on(1) == go_on(2) == paused
    assert len(rows(tmp_path / "a")) == 2
    assert go_on(4) != paused
    completed = go_on(None)
    assert go_on(2) == go_on(POINTS + 1) == completed
    assert_same(tmp_path / "a", train(tmp_path / "whole").path)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"log_every": 1000},
        {"log_every": 46, "batch_size": 1},
        {"log_every": 1, "batch_size": 230},
        {"log_every": "auto"},
        {"log_every": "auto", "batch_size": 7, "epochs": 3},
        {"log_every": 5, "batch_size": 9, "epochs": 2},
        {"log_every": 4, "samples": 1},
    ],
)
def test_log_points_are_those_of_a_finished_run(tmp_path: Path, keys: dict[str, Any]) -> None:
    resolved = resolve(CUBIC.config, None, SMALL | keys)
    train(tmp_path / "a", **keys)
    assert resolved.config.log_points == len(rows(tmp_path / "a"))


@settings(max_examples=200, deadline=None)
@given(
    samples=st.integers(1, 5000), batch=st.integers(1, 5000), epochs=st.integers(1, 9),
    every=st.none() | st.integers(1, 20_000),
)  # fmt: skip
def test_log_points_follow_from_the_steps(
    samples: int, batch: int, epochs: int, every: int | None
) -> None:
    """Counted step by step, as the training does."""
    config = CubicConfig(
        samples=samples, batch_size=min(batch, samples), epochs=epochs, log_every=every or "auto"
    )
    last = config.steps_per_epoch * epochs
    logged = sum(s % config.steps_per_log_point == 0 or s == last for s in range(1, last + 1))
    assert config.log_points == logged


def test_log_points_of_the_other_experiments() -> None:
    assert FashionConfig(epochs=7).log_points == 7
    assert CheckConfig().log_points == 0
