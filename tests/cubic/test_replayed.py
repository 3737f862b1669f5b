"""A state that is brought back is the one that the run had."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic import data
from nnlab.cubic.gradients import gradients
from nnlab.cubic.landscape import landscape
from nnlab.cubic.network import Parameters
from nnlab.cubic.replay import config_of, states
from nnlab.cubic.replayed import replay
from nnlab.errors import DivergedError, UsageError
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.reports.replayed import Asked, Replayed
from nnlab.runs.saved import SavedRun
from tests.cubic.test_replay import assert_same_bytes, some_keys
from tests.runs.trained import bare, trained

KEYS = {"hidden": 5, "samples": 60, "batch_size": 4, "epochs": 4, "gif": False}  # 60 steps


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    return trained(tmp_path_factory.mktemp("runs") / "a", "cubic", **KEYS)


def at(run: SavedRun, step: int | None = None, epoch: int | None = None) -> Replayed:
    return replay(SavedRun(run.path), Asked(Silent(), step, epoch))


def from_start(run: SavedRun, step: int) -> Parameters:
    ((_, found),) = states(config_of(run), [step])
    return found


def paused(path: Path, until: int, **keys: object) -> SavedRun:
    """Return a run that was stopped after `until` log points."""
    row = EXPERIMENTS["cubic"]
    return launch(
        row, resolve(row.config, None, keys), command="a test", run_dir=path, until=until,
        pictures=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 0)) for seed in range(20)]
)
def test_a_step_is_what_a_run_stopped_there_had(tmp_path: Path, seed: int) -> None:
    keys = some_keys(seed) | {"log_every": 3}
    if seed % 3 == 1:
        keys["points"] = str(tmp_path / "x.npy")
        np.save(keys["points"], np.random.default_rng(seed).uniform(-2, 2, keys["samples"] + 5))
    whole, part = bare(tmp_path / "a", "cubic", **keys), paused(tmp_path / "b", 2, **keys)
    kept = part.path / "checkpoint/last.safetensors"
    steps = int(part.metrics["step"][-1])
    arrays = load_file(kept)
    assert_same_bytes(dict(at(whole, steps).weights), arrays)
    assert_same_bytes(dict(at(part).weights), arrays)
    end = at(whole)
    assert end.equal
    assert_same_bytes(dict(end.weights), whole.weights())


def test_a_checkpoint_on_the_way_changes_nothing(tmp_path: Path) -> None:
    run = paused(tmp_path / "a", 20, **KEYS)
    assert at(run, 10).began == "the start"
    row = EXPERIMENTS["cubic"]
    done = launch(row, resolve(row.config, run.path / "config.yaml", {}), command="a test",
                  run_dir=run.path, resume=True)  # fmt: skip
    (run.path / "checkpoint/last.safetensors").write_bytes(b"damaged")
    found = at(done, 45)
    assert found.began == "the checkpoint of step 20"
    assert_same_bytes(dict(found.weights), from_start(done, 45))
    assert at(done).began == "the start"  # the end is proven


def test_the_numbers_of_a_state(made: SavedRun) -> None:
    found = at(made, 30)
    parameters = {name: np.array(array) for name, array in found.weights.items()}
    x, y = data.points(config_of(made))
    exact = gradients(parameters, x, y)
    h1 = 1 / (1 + np.exp(-(x @ parameters["W1"].T + parameters["b1"])))
    h2 = 1 / (1 + np.exp(-(h1 @ parameters["W2"].T + parameters["b2"])))
    f = h2 @ parameters["W3"].T + parameters["b3"]
    said = {each.name: each.value for each in found.measured}
    assert said["loss"] == pytest.approx(np.mean((f - y) ** 2), rel=1e-12)
    for layer in "123":
        both = np.append(exact["W" + layer].ravel(), exact["b" + layer])
        assert said[f"gradient_{layer}"] == pytest.approx(np.linalg.norm(both), rel=1e-12)
    every = np.concatenate([array.ravel() for array in exact.values()])
    assert said["gradient"] == pytest.approx(np.linalg.norm(every), rel=1e-12)
    row = made.metrics["step"].index(30)
    for name in ("rmse", "max_error"):
        assert said[name] == pytest.approx(made.metrics[name][row], rel=1e-12)


def test_an_epoch_is_its_last_step(made: SavedRun) -> None:
    assert at(made, epoch=2).at == 30
    assert_same_bytes(dict(at(made, epoch=2).weights), dict(at(made, 30).weights))


def test_weights_that_were_changed_are_noticed(tmp_path: Path) -> None:
    run = bare(tmp_path / "a", "cubic", **KEYS)
    arrays = run.weights()
    arrays["b1"][3] = np.nextafter(arrays["b1"][3], 1)
    np.savez(run.path / "model.npz", **arrays)  # type: ignore[arg-type]
    assert at(run).equal is False


@pytest.mark.parametrize("step", [-1, 61])
def test_a_step_that_the_run_does_not_have(made: SavedRun, step: int) -> None:
    with pytest.raises(UsageError, match=f"has no step {step}: its steps are 0 to 60"):
        at(made, step)


def test_an_unfinished_run_has_the_steps_that_it_took(tmp_path: Path) -> None:
    run = paused(tmp_path / "a", 20, **KEYS)
    assert at(run).at == 20
    assert at(run).equal is None
    with pytest.raises(UsageError, match=r"has taken 20 of its 60 steps \(interrupted\)"):
        at(run, 21)
    (run.path / "checkpoint/last.safetensors").unlink()
    assert at(run).began == "the start"  # metrics.csv says how far it came


def test_points_that_are_gone_come_from_the_copy(tmp_path: Path) -> None:
    points = tmp_path / "x.npy"
    np.save(points, np.linspace(-1, 2, 60))
    run = bare(tmp_path / "a", "cubic", points=str(points), **KEYS)
    points.unlink()
    assert at(run).equal
    (run.path / "inputs/points.npy").unlink()
    with pytest.raises(UsageError, match=r"points: .* is missing, and the run has no copy"):
        at(run)


def test_the_pictures_of_a_state(made: SavedRun) -> None:
    assert list(at(made, 5).draw()) == ["fit.png", "units.png"]


def test_a_diverged_run_has_the_steps_before(tmp_path: Path) -> None:
    keys = KEYS | {"epochs": 40, "lr": 1e60, "log_every": 600}
    with pytest.raises(DivergedError):
        trained(tmp_path / "a", "cubic", **keys)
    run = SavedRun(tmp_path / "a")
    step = run.diverged_step
    assert step
    assert step >= 2
    assert at(run).at == step - 2
    with pytest.raises(UsageError, match=f"it diverged at step {step}, and step {step - 2} is"):
        at(run, step)
    with pytest.raises(UsageError, match=f"diverged at step {step}"):
        landscape(run, Silent())


def test_the_log_point_before_a_state_is_compared(tmp_path: Path) -> None:
    run = bare(tmp_path / "a", "cubic", **KEYS, log_every=5)
    last = max(step for step in run.metrics["step"] if step <= 50)
    assert at(run, 50).logged == f"the log point at step {last:.0f} agrees to the bit"
    assert at(run, 1).logged == ""
    file = run.path / "metrics.csv"
    rmse = repr(run.metrics["rmse"][run.metrics["step"].index(last)])
    file.write_text(file.read_text().replace(rmse, "0.5"))
    assert "does not agree: its rmse is 0.5, and " + rmse in at(run, 50).logged
