"""The verdict on a training: one line with the result and the reasons."""

import json
from array import array
from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.verdict import CONSTANT, Finished, is_sorted, verdict
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab

X = np.random.default_rng(0).uniform(-2, 2, 1000)
W2 = np.random.default_rng(1).standard_normal((4, 4))


def row(step: int, loss: float, rmse: float) -> dict[str, float]:
    return {"step": step, "loss": loss, "rmse": rmse}


def judged(
    config: CubicConfig, *rows: dict[str, float], x: np.ndarray = X, w2: np.ndarray = W2
) -> str:
    losses = array("d", [row["loss"] for row in rows])
    parts = np.array_split(x, 3)
    learned, line = verdict(Finished(config, rows[-1], lambda: losses, lambda: parts, w2))
    assert learned == line.startswith("learned: ")
    return line


def test_the_best_constant_is_zero() -> None:
    errors = [np.sqrt(np.mean((c - data.GRID**3) ** 2)) for c in np.linspace(-1, 1, 201)]
    assert min(errors) == pytest.approx(CONSTANT, rel=1e-9)


def test_huge_losses_in_an_edited_log_do_not_overflow() -> None:
    rows = [row(step, 1e308, 1e308) for step in range(1, 21)]
    assert judged(CubicConfig(), *rows).startswith("not learned: RMSE 1e+308 on the grid")


def test_learned_shows_the_rmse() -> None:
    line = judged(CubicConfig(), row(100_000, 0.001, 0.0326))
    assert line == "learned: RMSE 0.0326 on the grid, 1.0% of the best constant's 3.14"


@pytest.mark.parametrize(
    ("config", "history", "said"),
    [
        (CubicConfig(), row(300, 12, 3.5), "because 300 steps of lr 0.01 are too few or too small"),
        (CubicConfig(lr=0.3), row(90_000, 12, 3.5), "lr 0.3"),
        (
            CubicConfig(lr=1000),
            row(2000, 1e6, 1225),
            "far worse than the best constant's 3.14, because the learning rate is too large",
        ),
        (CubicConfig(init_scale=50), row(90_000, 1e6, 1e3), "init_scale 50 saturate the units"),
        (CubicConfig(init_scale=0), row(90_000, 2, 1.4), "all units started equal (init_scale 0)"),
        (CubicConfig(init_scale=50), row(90_000, 1, 1), "init_scale 50 saturate the units"),
        (
            CubicConfig(init="recycled", gradient="as-printed"),
            row(90_000, 2, 1.4),
            "all rows of W2 started equal (init recycled) and gradient as-printed is not",
        ),
        (CubicConfig(), row(90_000, 1e-4, 3), "fits its last training points (RMSE 0.01)"),
    ],
)
def test_a_reason(config: CubicConfig, history: dict[str, float], said: str) -> None:
    line = judged(config, row(1000, history["loss"], 3), row(2000, history["loss"], 3), history)
    assert said in line
    part = history["rmse"] < 0.95 * CONSTANT
    assert line.startswith("learned in part: " if part else "not learned: ")


def test_reasons_from_the_points_and_the_weights() -> None:
    last = row(90_000, 1e-5, 8.6)
    rising = np.sort(X, axis=0)
    kept = CubicConfig(shuffle=False)
    assert "are sorted and not shuffled" in judged(kept, last, x=rising)
    assert "are sorted and not shuffled" in judged(kept, last, x=rising[::-1])
    assert "sorted" not in judged(CubicConfig(), last, x=rising)
    assert "sorted" not in judged(kept, last)
    for order in ("sorted", "reversed"):
        said = f"every epoch visits the points in sorted order (order {order}): the network fits"
        assert said in judged(CubicConfig(shuffle=False, order=order), last)
    assert "sorted" not in judged(CubicConfig(shuffle=False, order="once"), last, x=rising)
    assert "lie between 0.0" in judged(CubicConfig(), last, x=np.abs(X))
    assert "all rows of W2 are equal" in judged(CubicConfig(), last, w2=np.ones((4, 4)))
    assert not is_sorted([X])
    assert not is_sorted([rising[500:], rising[:500]])


def test_a_run_shows_its_verdict_everywhere(nnlab: Nnlab, tmp_path: Path) -> None:
    np.save(tmp_path / "sorted.npy", np.sort(X))
    options = ("--points", "sorted.npy", "--no-shuffle", "--epochs", 3, "--no-gif")
    done = nnlab("cubic", *options, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    told = SavedRun(tmp_path / "a").record["verdict"]
    assert told.startswith("not learned: RMSE ")
    assert "because the points are sorted and not shuffled" in told
    assert told in done.stdout.splitlines()
    assert told in done.stderr.splitlines()
    again = nnlab("resume", "a", "--json")
    assert json.loads(again.stdout)["verdict"] == told
