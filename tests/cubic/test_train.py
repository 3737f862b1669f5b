"""`nnlab cubic`, mostly through its command line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.cubic import data
from nnlab.cubic.captions import CAPTIONS
from nnlab.cubic.config import CubicConfig, blas_threads
from nnlab.cubic.network import minibatch_descent
from nnlab.cubic.points import Points
from nnlab.cubic.state import initial_state
from nnlab.python import train
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, digest, rows, weights, without_times

QUICK = ("cubic", "--hidden", 10, "--samples", 300, "--log-every", 100, "--no-gif")


@pytest.mark.parametrize("options", [(), ("--batch-size", 7, "--epochs", 2, "--dtype", "float32")])
def test_same_seed_same_bytes_in_two_processes(
    nnlab: Nnlab, tmp_path: Path, options: tuple[object, ...]
) -> None:
    for name in ("a", "b"):
        done = nnlab(*QUICK, *options, "--run-dir", name)
        assert done.returncode == 0, done.stderr
    assert nnlab(*QUICK, *options, "--seed", 1, "--run-dir", "c").returncode == 0
    a, b, c = (tmp_path / name for name in "abc")
    assert digest(a) == digest(b) != digest(c)
    assert without_times(a) == without_times(b) != without_times(c)


def test_where_one_looks_does_not_change_what_is_learned(nnlab: Nnlab, tmp_path: Path) -> None:
    options = (*QUICK, "--dtype", "float32")
    nnlab(*options, "--run-dir", "a")
    nnlab(*options, "--run-dir", "b", "--log-every", 7, "--gif")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_runs_config_reruns_it_unchanged(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--lr", "5e-3", "--run-dir", "a")
    done = nnlab("cubic", "--config", "a/config.yaml", "--run-dir", "b")
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_log_points(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--epochs", 2, "--batch-size", 4, "--log-every", 60, "--run-dir", "a")
    logged = rows(tmp_path / "a")
    assert list(logged[0]) == ["step", "epoch", "loss", "rmse", "max_error", "seconds"]
    assert [int(row["step"]) for row in logged] == [60, 120, 150]  # 300 / 4 * 2 steps in all
    assert [int(row["epoch"]) for row in logged] == [1, 2, 2]


@pytest.mark.parametrize(
    ("samples", "batch", "every"),
    [(100_000, 1, 1000), (300, 1, 6), (99, 1, 1), (10, 10, 1), (100_000, 32, 62)],
)
def test_automatic_log_points(samples: int, batch: int, every: int) -> None:
    config = CubicConfig(samples=samples, batch_size=batch)
    assert config.steps_per_log_point == every
    assert config.steps_per_epoch // every >= min(50, config.steps_per_epoch)
    assert CubicConfig(samples=samples, log_every=1000).steps_per_log_point == 1000


def test_automatic_log_points_stay_where_they_are_when_a_run_goes_on(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    options = ("cubic", "--hidden", 10, "--samples", 310, "--no-gif", "--run-dir")
    assert nnlab(*options, "a", "--epochs", 2).returncode == 0
    assert nnlab(*options, "b").returncode == 0
    assert len(rows(tmp_path / "b")) == 52  # 310 / 6, and the end
    done = nnlab("resume", "b", "--epochs", 2)
    assert done.returncode == 0, done.stderr
    assert without_times(tmp_path / "a") == without_times(tmp_path / "b")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_logged_numbers_are_those_of_the_equations(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--log-every", 300, "--run-dir", "a")
    config = CubicConfig(hidden=10, samples=300)
    state, (x, y) = initial_state(config), data.points(config)
    order = Points(config).order(0)
    errors = minibatch_descent(state.parameters, x[order], y[order], 0.01, batch_size=1)
    (row,) = rows(tmp_path / "a")
    assert float(row["loss"]) == pytest.approx(np.mean(errors**2), rel=1e-9)
    p, grid = weights(tmp_path / "a"), np.arange(-2, 2.001, 0.05)[:, None]
    h1 = 1 / (1 + np.exp(-(grid @ p["W1"].T + p["b1"])))
    h2 = 1 / (1 + np.exp(-(h1 @ p["W2"].T + p["b2"])))
    error = np.abs(h2 @ p["W3"].T + p["b3"] - grid**3)
    assert float(row["rmse"]) == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-9)
    assert float(row["max_error"]) == pytest.approx(error.max(), rel=1e-9)


def test_order_of_the_points() -> None:
    kept = CubicConfig(samples=50, shuffle=False)
    np.testing.assert_array_equal(Points(kept).order(3), np.arange(50))
    shuffled = Points(CubicConfig(samples=50))
    first, second = shuffled.order(0), shuffled.order(1)
    assert sorted(first) == sorted(second) == list(range(50))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, shuffled.order(0))


def test_without_shuffle_the_points_come_as_drawn(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--no-shuffle", "--batch-size", 3, "--epochs", 2, "--run-dir", "a")
    config = CubicConfig(hidden=10, samples=300)
    state, (x, y) = initial_state(config), data.points(config)
    for _ in range(2):
        minibatch_descent(state.parameters, x, y, 0.01, batch_size=3)
    for name, parameter in weights(tmp_path / "a").items():
        np.testing.assert_array_equal(parameter, state.parameters[name])


def test_points_are_uniform_on_the_interval() -> None:
    x, y = data.points(CubicConfig(samples=20_000))
    assert -2 <= x.min() < -1.99
    assert 1.99 < x.max() < 2
    assert abs(x.mean()) < 0.03
    np.testing.assert_array_equal(y, x**3)


def test_divergence_stops_at_its_first_step_and_keeps_the_log(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*QUICK, "--lr", "1e3", "--log-every", 5, "--run-dir", "a")
    assert done.returncode == 3
    record = SavedRun(tmp_path / "a").record
    assert record["status"] == "diverged"
    assert "not finite at step" in record["error"]
    assert record["error"] in done.stderr
    step = int(record["error"].split("step ")[1].split()[0])
    logged = [int(row["step"]) for row in rows(tmp_path / "a")]
    assert logged == list(range(5, step, 5))


def test_divergence_is_seen_soon_however_rarely_one_looks(nnlab: Nnlab, tmp_path: Path) -> None:
    """More steps than any machine could take in the time that the test has."""
    options = ("--samples", 20_000_000, "--lr", "1e3", "--log-every", 20_000_000)
    done = nnlab("cubic", *options, "--no-gif", "--run-dir", "a", timeout=120)
    assert done.returncode == 3
    assert (tmp_path / "a/run.json").is_file()


def test_a_last_step_that_overflows_is_divergence(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("cubic", "--samples", 1, "--lr", "1e200", "--no-gif", "--run-dir", "a")
    assert done.returncode == 3
    assert "not finite at step 1 " in done.stderr
    assert SavedRun(tmp_path / "a").record["status"] == "diverged"


@pytest.mark.parametrize(
    ("hidden", "batch", "threads"), [(125, 1, 1), (2000, 1, 2), (125, 32, 1), (500, 1024, 2)]
)
def test_one_blas_thread_where_the_matrices_are_small(
    hidden: int, batch: int, threads: int
) -> None:
    assert blas_threads(hidden, batch) == threads
    assert CubicConfig(hidden=hidden, batch_size=batch, samples=5000).blas_threads == threads


def test_pictures(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("cubic", "--samples", 500, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    plots = tmp_path / "a/plots"
    assert {path.name for path in plots.iterdir()} == CAPTIONS.keys() - {"fits.png"}  # compare's
    for name in ("fit.png", "learning.png", "units.png"):
        with Image.open(plots / name) as picture:
            assert min(picture.size) > 400
            assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 10
    with Image.open(plots / "training.gif") as animation:
        assert getattr(animation, "n_frames", 0) >= 40
        animation.seek(0)
        first = np.asarray(animation.convert("RGB"))
        animation.seek(39)
        moved = np.asarray(animation.convert("RGB")) != first
    height, width, _ = moved.shape
    assert moved[: height // 10, : width // 2].any()  # the step
    assert moved[height // 10 : -height // 4, : width // 2].any()  # the points
    assert moved[: height // 10, width // 2 :].any()  # the RMSE
    assert moved[height // 10 : -height // 4, width // 2 :].any()  # its curve
    assert not moved[-height // 8 :].any()  # the legend
    assert (plots / "training.gif").stat().st_size < 2_000_000


@pytest.mark.slow
def test_the_fit_is_as_good_as_the_assignment_measured(tmp_path: Path) -> None:
    """MISSION, Part 1: 0.036 on average over six seeds, 0.026 to 0.048."""
    runs = [train("cubic", seed=seed, gif=False, parent=tmp_path) for seed in range(6)]
    results = [run.summary["rmse"] for run in runs]
    assert np.mean(results) <= 0.045
    assert max(results) <= 0.06
