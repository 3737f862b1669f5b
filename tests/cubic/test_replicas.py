"""Replicas: several networks in one compiled call, and runs that are trained together."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from safetensors.numpy import load_file

from nnlab.config.resolve import resolve
from nnlab.cubic.compiled import compiled_descent
from nnlab.cubic.compiled_replicas import Replicas
from nnlab.cubic.config import GradientKind
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Parameters, initial_parameters
from nnlab.errors import DivergedError, UsageError
from nnlab.experiments import EXPERIMENTS, launch, launch_together
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, digest, rows, without_times

CUBIC = EXPERIMENTS["cubic"]
KEYS = {"engine": "numba", "hidden": 10, "samples": 300, "log_every": 70}
BATCHES = (1, 2, 5, 32)


def start(hidden: int, samples: int, dtype: str, seed: int) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(seed)
    parameters = initial_parameters(hidden, 0.5, rng, dtype)
    x = rng.uniform(-2, 2, (samples, 1)).astype(dtype)
    return parameters, x, x**3


def same(ours: Parameters, theirs: Parameters) -> bool:
    return all(ours[name].tobytes() == theirs[name].tobytes() for name in theirs)


@pytest.mark.parametrize("gradient", NETWORKS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_replica_is_its_single_network_to_the_byte(dtype: str, gradient: GradientKind) -> None:
    """At every width: the compiler writes the ends of a row in another way than its middle."""
    kind = NETWORKS[gradient]
    for hidden in range(1, 131, 1 if gradient == "exact" else 6):
        size = BATCHES[hidden % len(BATCHES)]
        replicas = Replicas(3, hidden, dtype, lr=0.01, batch_size=size, kind=kind, threads=2)
        samples, singles = {}, {}
        for replica, count in enumerate((3 * size, 4 * size - 1, 2 * size)):
            parameters, x, y = start(hidden, count, dtype, seed=replica)
            alone = {name: p.copy() for name, p in parameters.items()}
            singles[replica] = alone, compiled_descent(alone, x, y, 0.01, size, kind)
            replicas.adopt(replica, parameters)
            samples[replica] = x, y
            singles[replica] += (parameters,)  # type: ignore[assignment]
        errors = replicas.descend(samples)
        for replica, (alone, alone_errors, ours) in singles.items():  # type: ignore[misc]
            assert same(ours, alone), (hidden, size, replica)
            assert errors[replica].tobytes() == alone_errors.tobytes()


def test_only_the_replicas_that_are_asked_take_steps() -> None:
    replicas = Replicas(3, 6, "float64", lr=0.01, batch_size=1)
    first = [start(6, 9, "float64", seed) for seed in range(3)]
    for replica, (parameters, *_) in enumerate(first):
        replicas.adopt(replica, parameters)
    before = [{name: p.copy() for name, p in parameters.items()} for parameters, *_ in first]
    assert list(replicas.descend({1: first[1][1:]})) == [1]
    assert [same(p, b) for (p, *_), b in zip(first, before, strict=True)] == [True, False, True]


def test_the_threads_of_the_caller_come_back() -> None:
    numba.set_num_threads(1)
    replicas = Replicas(2, 3, "float64", lr=0.01, batch_size=1, threads=1000)
    parameters, x, y = start(3, 5, "float64", 0)
    replicas.adopt(0, parameters)
    replicas.descend({0: (x, y)})
    assert numba.get_num_threads() == 1


def resolved(**keys: Any) -> Any:
    return resolve(CUBIC.config, None, KEYS | keys)


def alone(folder: Path, keys: list[dict[str, Any]]) -> list[Path]:
    """Train a run after the other; return their directories."""
    paths = [folder / f"alone-{place}" for place in range(len(keys))]
    for path, each in zip(paths, keys, strict=True):
        launch(CUBIC, resolved(**each), command="", run_dir=path, pictures=False)
    return paths


def together(
    folder: Path, keys: list[dict[str, Any]], resume: tuple[bool, ...] = ()
) -> tuple[list[Path], list[SavedRun | Exception]]:
    paths = [folder / f"run-{place}" for place in range(len(keys))]
    ends = launch_together(
        CUBIC, [resolved(**each) for each in keys], command="", run_dirs=paths, resume=resume,
        pictures=False, threads=2,
    )  # fmt: skip
    return paths, ends


def assert_equal_runs(ours: Path, theirs: Path) -> None:
    assert digest(ours) == digest(theirs)
    assert without_times(ours) == without_times(theirs)
    a, b = (load_file(run / "checkpoint/last.safetensors") for run in (ours, theirs))
    assert same(a, b)


@pytest.mark.parametrize(
    "keys", [{}, {"epochs": 2, "batch_size": 7, "gradient": "as-printed", "dtype": "float32"}]
)
def test_runs_trained_together_are_the_runs_trained_alone(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    seeds = [keys | {"seed": seed} for seed in (3, 0, 1)]
    singles = alone(tmp_path, seeds)
    paths, ends = together(tmp_path, seeds)
    for path, end, single in zip(paths, ends, singles, strict=True):
        assert isinstance(end, SavedRun)
        assert (end.path, end.status, end.verdict) == (path, "completed", SavedRun(single).verdict)
        assert_equal_runs(path, single)


def test_a_run_that_diverges_or_cannot_start_does_not_disturb_the_others(tmp_path: Path) -> None:
    seeds = [{"init_scale": 3, "lr": 1.0, "gif": False, "seed": seed} for seed in range(8)]
    (tmp_path / "run-0").mkdir()
    paths, ends = together(tmp_path, seeds)
    assert isinstance(ends[0], UsageError)
    assert "run-0" in str(ends[0])
    diverged = [isinstance(end, DivergedError) for end in ends[1:]]
    assert 0 < sum(diverged) < len(diverged)
    for place, (path, end) in enumerate(zip(paths, ends, strict=True)):
        if place and isinstance(end, SavedRun):
            (single,) = alone(tmp_path / str(place), [seeds[place]])
            assert_equal_runs(path, single)
        elif place:
            assert SavedRun(path).status == "diverged"


def test_runs_go_on_from_different_steps(tmp_path: Path) -> None:
    short = [{"seed": seed, "epochs": 1 + seed} for seed in range(3)]
    long = [{"seed": seed, "epochs": 3} for seed in range(3)]
    for place, keys in enumerate(short[:2]):
        launch(
            CUBIC, resolved(**keys), command="", run_dir=tmp_path / f"run-{place}", pictures=False
        )
    paths, ends = together(tmp_path, long, resume=(True, True, False))
    assert all(isinstance(end, SavedRun) for end in ends)
    for ours, theirs in zip(paths, alone(tmp_path, long), strict=True):
        assert_equal_runs(ours, theirs)


@pytest.mark.parametrize(
    "keys",
    [
        [{"engine": "numpy", "seed": 0}, {"engine": "numpy", "seed": 1}],
        [{"seed": 0}, {"seed": 0, "lr": 0.02}],
        [{"seed": 5}],
    ],
)
def test_runs_that_cannot_be_trained_together_are_trained_one_after_another(
    tmp_path: Path, keys: list[dict[str, Any]]
) -> None:
    paths, ends = together(tmp_path, keys)
    assert [end.status for end in ends if isinstance(end, SavedRun)] == ["completed"] * len(keys)
    for ours, theirs in zip(paths, alone(tmp_path, keys), strict=True):
        assert_equal_runs(ours, theirs)
    _, again = together(tmp_path, keys)
    assert all(isinstance(end, UsageError) for end in again)


PROGRAM = """
import sys
from pathlib import Path
from nnlab.config.resolve import resolve
from nnlab.errors import StoppedError
from nnlab.experiments import EXPERIMENTS, launch_together

row = EXPERIMENTS["cubic"]
keys = {"engine": "numba", "hidden": 10, "samples": 2_000_000, "gif": False}
try:
    launch_together(
        row, [resolve(row.config, None, keys | {"seed": seed}) for seed in (0, 1)], command="",
        run_dirs=[Path("a"), Path("b")], pictures=False, threads=2,
    )
except StoppedError as error:
    print(error)
    sys.exit(7)
"""


def test_a_signal_stops_all_runs_and_each_can_go_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM], cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    for _ in range(600):
        if (tmp_path / "b/metrics.csv").exists() and rows(tmp_path / "b"):
            break
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said, fault = process.communicate(timeout=60)
    assert process.returncode == 7, fault
    assert "interrupted by SIGTERM; saved at step" in said
    assert fault == ""
    for name in "ab":
        saved = SavedRun(tmp_path / name)
        assert saved.status == "interrupted"
        assert saved.metrics["step"][-1] < 2_000_000
        assert (saved.path / "checkpoint/last.safetensors").exists()


def work(folder: str) -> list[str]:
    """Train two runs together in a worker; return their weights' digests, and what was warned."""
    import warnings

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        paths, _ = together(Path(folder), [{"seed": 0}, {"seed": 1}])
    return [*map(digest, paths), *(str(each.message) for each in warned)]


def test_a_worker_trains_runs_together_without_a_warning(tmp_path: Path) -> None:
    task = Task("two runs", f"{__name__}:work", {"folder": str(tmp_path)})
    with Pool(1, threads=2) as pool:
        (done,) = pool.map([task])
    assert done.error is None
    assert done.result == [*map(digest, alone(tmp_path, [{"seed": 0}, {"seed": 1}]))]
