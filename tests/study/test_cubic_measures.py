"""What the measures of cubic say about the last state of a run, from its saved weights."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.replay import config_of
from nnlab.runs.saved import SavedRun
from nnlab.study.cubic_measures import edge_of_stability, layer_gradients, replay
from nnlab.study.results import Reading
from tests.study import plain_cubic
from tests.study.unseen import trained

FULL_BATCH = {
    "hidden": 4, "samples": 9, "batch_size": 9, "epochs": 24, "lr": 0.2, "init_scale": 0.8,
    "log_every": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def stochastic(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    """A run of 30 steps."""
    folder = tmp_path_factory.mktemp("runs")
    keys = {"hidden": 5, "samples": 30, "init_scale": 0.7, "lr": 0.05, "seed": 2}
    return trained(folder / "a", **keys)


@pytest.fixture(scope="module")
def full_batch(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    """A run of 24 steps over all points."""
    return trained(tmp_path_factory.mktemp("runs") / "a", **FULL_BATCH)


def values(readings: list[Reading], at: str = "") -> dict[str, float]:
    return {name: value for name, value, place in readings if place == at}


def test_a_replay_looks_at_the_steps_that_the_run_has(stochastic: SavedRun) -> None:
    run = replay(stochastic, [0, 7, 30, 31, 1000])
    assert [step for step, _ in run.states] == [0, 7, 30]


def test_the_norms_of_the_layers(stochastic: SavedRun) -> None:
    readings = [*layer_gradients([30])(stochastic)]
    x, y = data.points(config_of(stochastic))
    weights = stochastic.weights()
    norms = plain_cubic.layer_norms(weights, x, y)
    numbers = {1: 10, 2: 30, 3: 6}  # of hidden 5
    found = values(readings, "30")
    for layer, norm in norms.items():
        assert found[f"gradient_{layer}"] == pytest.approx(norm, rel=1e-9)
        one = norm / np.sqrt(numbers[layer])
        assert found[f"per_parameter_{layer}"] == pytest.approx(one, rel=1e-9)
    assert found["gradient_ratio"] == pytest.approx(norms[1] / norms[3], rel=1e-9)
    assert found["per_parameter_ratio"] == pytest.approx(
        norms[1] / norms[3] * np.sqrt(numbers[3] / numbers[1]), rel=1e-9
    )
    mean = plain_cubic.mean_gradient(weights, x, y)
    ends = np.linalg.norm(mean[:10]), np.linalg.norm(mean[40:])
    assert found["mean_gradient_ratio"] == pytest.approx(ends[0] / ends[1], rel=1e-7)
    assert set(values(readings)) == {f"start_{name}" for name in found}


def test_the_start_of_a_layer_is_before_the_first_step(tmp_path: Path) -> None:
    run = trained(tmp_path / "a", hidden=5, samples=1, lr=1e-300)
    readings = [*layer_gradients([1])(run)]
    after = {f"start_{name}": value for name, value in values(readings, "1").items()}
    assert values(readings) == after  # the step is too small to move anything


def test_the_sharpness_is_the_largest_eigenvalue_of_the_hessian(full_batch: SavedRun) -> None:
    found = values([*edge_of_stability(full_batch)], "24")
    x, y = data.points(config_of(full_batch))
    eigenvalues = np.linalg.eigvalsh(plain_cubic.hessian(full_batch.weights(), x, y))
    assert found["sharpness"] == pytest.approx(eigenvalues[-1], rel=1e-7)
    assert found["sharpness_x_lr/2"] == pytest.approx(eigenvalues[-1] * 0.2 / 2, rel=1e-7)
    assert found["loss_by_step"] == pytest.approx(plain_cubic.loss(full_batch.weights(), x, y))


def test_the_losses_are_those_that_the_run_logged(full_batch: SavedRun) -> None:
    found = values([*edge_of_stability(full_batch)])
    x, y = data.points(config_of(full_batch))
    # The logged loss of a step is that before it.
    losses = [*full_batch.metrics["loss"], plain_cubic.loss(full_batch.weights(), x, y)]
    assert len(losses) == 25
    late, middle = losses[22:], losses[10:13]  # a twelfth of 24 steps is 2, with its start 3 losses
    rises = [after > before for each in (middle, late) for before, after in pairwise(each)]
    assert found["share_of_rising_steps"] == np.mean(rises)
    assert found["loss_end/start"] == pytest.approx(np.mean(late) / losses[0])
    assert found["loss_end/middle"] == pytest.approx(np.mean(late) / np.mean(middle))


def test_a_step_above_two_over_the_sharpness_raises_the_loss_near_a_minimum(tmp_path: Path) -> None:
    """One point, hidden 1: near its minimum the loss is a quadratic, and theory is exact."""
    keys = {"hidden": 1, "samples": 1, "epochs": 300, "init_scale": 0.5}
    end = trained(tmp_path / "end", **keys, lr=0.1, log_every=100)
    sharpness = values([*edge_of_stability(end)], "300")["sharpness"]
    shifted = {name: array + 1e-3 for name, array in end.weights().items()}
    np.savez(tmp_path / "near.npz", **shifted)  # type: ignore[arg-type]
    for factor, rising in ((0.9, 0.0), (1.1, 1.0)):
        near = trained(
            tmp_path / f"{factor}", hidden=1, samples=1, epochs=12,
            init_from=str(tmp_path / "near.npz"), lr=factor * 2 / sharpness,
        )  # fmt: skip
        assert values([*edge_of_stability(near)])["share_of_rising_steps"] == rising
