"""A replayed run goes through the states of the run, to the bit."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Parameters
from nnlab.cubic.replay import config_of, states
from nnlab.errors import DivergedError
from nnlab.runs.saved import SavedRun
from tests.runs.trained import trained

QUICK = CubicConfig(hidden=6, samples=50, batch_size=4, epochs=3)  # 39 steps


def some_keys(seed: int) -> dict[str, Any]:
    """Return the keys of a small run, drawn at random."""
    rng = np.random.default_rng(seed)
    orders, kinds = (
        get_args(CubicConfig.model_fields[key].annotation) for key in ("order", "gradient")
    )
    shuffle = bool(rng.integers(2))
    return {
        "seed": int(rng.integers(100)),
        "hidden": int(rng.integers(1, 40)),
        "samples": int(rng.integers(20, 200)),
        "batch_size": int(rng.choice([1, 7, 20])),
        "epochs": int(rng.integers(1, 5)),
        "lr": float(rng.choice([0.01, 0.1])),
        "shuffle": shuffle,
        "order": "stored" if shuffle else str(rng.choice(orders)),
        "dtype": str(rng.choice(["float64", "float32"])),
        "init": str(rng.choice(["gaussian", "recycled"])),
        "gradient": str(rng.choice(kinds)),
        "engine": str(rng.choice(["numpy", "numba"])),
        "blas_threads": int(rng.integers(1, 3)),
        "gif": False,
    }


def last(config: CubicConfig) -> Parameters:
    """Return the state after the last step, replayed with a stop on the way."""
    steps = config.steps_per_epoch * config.epochs
    *_, (step, parameters) = states(config, [steps // 3, steps])
    assert step == steps
    return parameters


def assert_same_bytes(ours: Parameters, theirs: Parameters) -> None:
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype
        assert array.tobytes() == theirs[name].tobytes(), name


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 2)) for seed in range(20)]
)
def test_the_last_state_is_that_of_the_run(tmp_path: Path, seed: int) -> None:
    run = trained(tmp_path / "a", "cubic", **some_keys(seed))
    assert_same_bytes(last(config_of(run)), run.weights())


def test_a_run_whose_points_changed_is_replayed_from_its_copy(tmp_path: Path) -> None:
    x = np.linspace(-1, 2, 40)
    np.save(tmp_path / "x.npy", x)
    keys = {"hidden": 4, "gif": False, "epochs": 2}
    run = trained(tmp_path / "a", "cubic", points=str(tmp_path / "x.npy"), **keys)
    np.save(tmp_path / "x.npy", -x)
    assert_same_bytes(last(config_of(SavedRun(run.path))), run.weights())


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_state_in_the_middle_is_the_last_of_a_shorter_run(epochs: int) -> None:
    shorter = QUICK.model_copy(update={"epochs": epochs})
    found = dict(states(QUICK, [13 * epochs, 39]))
    assert_same_bytes(found[13 * epochs], last(shorter))


def test_steps_ascend_and_each_state_is_a_copy() -> None:
    found = list(states(QUICK, [39, 5, 0, 5, 13, 14]))
    assert [step for step, _ in found] == [0, 5, 13, 14, 39]
    for step, parameters in found:
        assert_same_bytes(parameters, dict(states(QUICK, [step]))[step])
    assert len({parameters["W2"].tobytes() for _, parameters in found}) == 5


def test_no_steps() -> None:
    assert list(states(QUICK, [])) == []


@pytest.mark.parametrize("steps", [[-1], [3, 40]])
def test_steps_that_the_run_does_not_take(steps: list[int]) -> None:
    with pytest.raises(ValueError, match="of a run that takes 39"):
        list(states(QUICK, steps))


@pytest.mark.parametrize("batch_size", [1, 4])
def test_divergence_is_told_as_in_the_run(tmp_path: Path, batch_size: int) -> None:
    """Both look only at the losses: with log points, the run would see its parameters first."""
    keys = {"hidden": 6, "samples": 500, "batch_size": batch_size, "lr": 1e3, "log_every": 1000}
    run = trained_until_it_diverges(tmp_path / "a", **keys)
    config = config_of(run)
    with pytest.raises(DivergedError) as ours:
        list(states(config, [config.steps_per_epoch]))
    assert str(ours.value) == run.record["error"]


def trained_until_it_diverges(path: Path, **keys: object) -> SavedRun:
    with pytest.raises(DivergedError):
        trained(path, "cubic", gif=False, **keys)
    return SavedRun(path)
