"""The first step at which two trajectories part is found exactly."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.console.view import Silent
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.diff import parting, rounding
from nnlab.cubic.network import Parameters
from nnlab.cubic.parting import blocks_apart, first_step_apart, ulps
from nnlab.cubic.points import Points
from nnlab.cubic.replay import states
from nnlab.cubic.state import State
from nnlab.cubic.trajectory import Trajectory, snapshot_steps
from tests.cubic.test_replay import some_keys
from tests.runs.trained import bare


class Injected:
    """A trajectory in which one weight is one ulp off after `step`.

    Attributes:
        asked: the steps that were asked for.
    """

    def __init__(self, config: CubicConfig, step: int, rng: np.random.Generator) -> None:
        self.asked: set[int] = set()
        self.plain = Trajectory(config, snapshot_steps(config, total(config)))
        self._config, self._step = config, step
        self._changed = {name: array.copy() for name, array in self.plain(step).items()}
        self.name = str(rng.choice(list(self._changed)))
        array = self._changed[self.name]
        self.at = tuple(int(rng.integers(size)) for size in array.shape)
        array[self.at] = np.nextafter(array[self.at], array.dtype.type(rng.choice([-9, 9])))

    def __call__(self, step: int) -> Parameters:
        self.asked.add(step)
        if step < self._step:
            return self.plain(step)
        start = State({name: array.copy() for name, array in self._changed.items()}, self._step)
        ((_, found),) = states(self._config, [step], start)
        return found


def total(config: CubicConfig) -> int:
    return config.steps_per_epoch * config.epochs


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed >= 5)) for seed in range(50)]
)
def test_one_ulp_in_one_weight_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = {} if seed >= 5 else {"engine": "numpy"}  # compiling takes most of the time
    config = CubicConfig(**some_keys(seed) | plain)
    steps = total(config)
    step = int(rng.integers(steps + 1))
    other = Injected(config, step, rng)
    looks = snapshot_steps(config, steps)
    assert first_step_apart(other.plain, other, steps, looks=looks) == step
    (block,) = blocks_apart(other.plain(step), other(step))
    assert (block.name, block.at, block.ulps, block.differ) == (other.name, other.at, 1, 1)

    healed = not blocks_apart(other.plain(steps), other(steps))  # swallowed by a rounding
    other.asked.clear()
    assert first_step_apart(other.plain, other, steps) == (None if healed else step)
    assert len(other.asked) <= math.log2(steps) + 2


@pytest.mark.parametrize("seed", range(3))
def test_one_point_is_traced_to_its_first_visit(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, 400)
    np.save(tmp_path / "a.npy", x)
    changed = int(rng.integers(400))
    x[changed] += 0.5
    np.save(tmp_path / "b.npy", x)
    batch = (1, 8, 400)[seed]
    keys: dict[str, Any] = {
        "hidden": 6,
        "batch_size": batch,
        "epochs": 2,
        "seed": seed,
        "gif": False,
    }
    runs = [
        bare(tmp_path / name, "cubic", points=str(tmp_path / f"{name}.npy"), **keys)
        for name in ("a", "b")
    ]
    config = CubicConfig(points=tmp_path / "a.npy", **keys)
    place = int(np.flatnonzero(Points(config).order(0) == changed)[0])
    found = parting(runs, None, Silent())
    assert found.step == place // batch + 1
    assert found.replays <= math.log2(found.total) + 2
    for visit, name in zip(found.visits, "ab", strict=True):
        assert visit.epoch == 1
        assert len(visit.samples) == batch
        (sample,) = (each for each in visit.samples if each.at == changed)
        assert sample.x == np.load(tmp_path / f"{name}.npy")[changed]
        assert sample.y == sample.x**3


def test_a_difference_that_heals_is_found() -> None:
    """Between two looks it is not; that is what the module says."""
    ones = {"W1": np.ones((1, 1))}

    def other(step: int) -> Parameters:
        return {"W1": np.full((1, 1), 2.0 if 40 <= step < 60 else 1.0)}

    assert first_step_apart(lambda _: ones, other, 100, looks=[0, 50, 100]) == 40
    assert first_step_apart(lambda _: ones, other, 100, looks=[0, 30, 100]) is None


def test_engines_and_types_part_by_more_than_rounding_or_not_at_all(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"hidden": 6, "samples": 300, "gif": False}
    plain = bare(tmp_path / "a", "cubic", **keys)
    cases: list[tuple[str, dict[str, Any], float]] = [
        ("b", {"engine": "numba"}, 1.49e-8),
        ("c", {"dtype": "float32"}, 3.45e-4),
    ]
    for name, other, allowed in cases:
        run = bare(tmp_path / name, "cubic", **keys, **other)
        found = parting([plain, run], None, Silent())
        assert found.step is None
        assert found.tolerance == pytest.approx(allowed, rel=0.01)
        exact = parting([plain, run], 0.0, Silent())
        assert exact.step is not None
        assert exact.step <= 5
        assert not exact.notes
        wrong = bare(tmp_path / f"{name}-wrong", "cubic", **keys, **other, gradient="diagonal")
        assert parting([plain, wrong], None, Silent()).step in range(1, 301)


def test_what_may_be_rounding_follows_from_the_configs() -> None:
    plain = CubicConfig()
    assert rounding(plain, CubicConfig(lr=0.1, seed=3)) == 0
    assert rounding(plain, CubicConfig(blas_threads=2)) == 2.0**-26
    assert rounding(CubicConfig(dtype="float32"), CubicConfig(dtype="float32", engine="numba")) == (
        pytest.approx(2.0**-11.5)
    )


@pytest.mark.parametrize(("name", "bits"), [("float32", "int32"), ("float64", "int64")])
def test_ulps_are_counted(name: str, bits: str) -> None:
    kind = np.dtype(name).type
    far, tiny = float(np.finfo(name).max), float(np.finfo(name).smallest_subnormal)
    above, nearer = np.nextafter(kind(1), kind(2)), np.nextafter(kind(-1), kind(0))
    a = np.array([1, 1, -1, 0, tiny, -far], name)
    b = np.array([1, above, nearer, -0.0, -tiny, far], name)
    most = 2 * int(b[-1:].view(bits)[0])
    assert ulps(a, b).tolist() == [0, 1, 1, 0, 2, most]
