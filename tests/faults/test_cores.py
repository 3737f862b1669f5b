"""The number of cores changes no byte: run on one, run on all, killed on one and resumed on all."""

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.conftest import Nnlab, rows
from tests.faults import harness
from tests.faults.harness import RUN, result, undisturbed

ONE_CORE = ("taskset", "-c", min(os.sched_getaffinity(0)))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("taskset") is None, reason="needs taskset (util-linux)"),
]

RUNS = {
    "cubic, a matrix product that two threads share": (
        "cubic", "--hidden", 600, "--batch-size", 64, "--samples", 9600,
        "--log-every", 25, "--no-gif",
    ),
    "cubic, a compiled step, one thread of two": (
        "cubic", "--engine", "numba", "--blas-threads", 1, "--hidden", 600, "--batch-size", 64,
        "--samples", 9600, "--log-every", 25, "--no-gif",
    ),
    "cubic, a compiled step, two threads": (
        "cubic", "--engine", "numba", "--hidden", 600, "--batch-size", 64, "--samples", 9600,
        "--log-every", 25, "--no-gif",
    ),
    "cubic, a matrix and a vector": (
        "cubic", "--hidden", 1200, "--samples", 300, "--log-every", 25, "--no-gif",
    ),
    "fashion, two parts": (
        "fashion", "--data", "sample", "--lr", 0.1, "--epochs", 3, "--filters", "16,8",
    ),
    "fashion, one part": (
        "fashion", "--data", "sample", "--epochs", 2, "--batch-size", 8, "--filters", "16,8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_begun_on_one_core_and_resumed_on_all(tmp_path: Path, name: str) -> None:
    arguments = (*RUNS[name], "--run-dir", RUN)
    killed = harness.start(tmp_path, arguments, *ONE_CORE)
    while not (tmp_path / RUN / "checkpoint/last.safetensors").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    assert killed.returncode < 0  # it was not finished
    harness.finish(tmp_path, arguments)
    assert result(tmp_path / "finished") == undisturbed(RUNS[name])


LONG = [pytest.param(name, marks=pytest.mark.long) for name in RUNS if name.startswith("fashion")]


@pytest.mark.parametrize("name", [*(name for name in RUNS if name.startswith("cubic")), *LONG])
def test_on_one_core_to_the_end(tmp_path: Path, name: str) -> None:
    done = harness.nnlab(tmp_path, (*RUNS[name], "--run-dir", RUN), *ONE_CORE)
    assert done.returncode == 0, done.stderr
    assert result(tmp_path / RUN) == undisturbed(RUNS[name])


def test_a_rate_that_is_too_large_does_what_it_does_in_keras(nnlab: Nnlab, tmp_path: Path) -> None:
    """Plain Keras gives 7.9, 2.31, 2.31; a loss that is clipped stays at 14 for ever."""
    done = nnlab("fashion", "--data", "sample", "--lr", 0.1, "--epochs", 3, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    first, *later = (float(row["loss"]) for row in rows(tmp_path / "a"))
    assert 5 < first < 12
    assert later == [pytest.approx(2.31, abs=0.02)] * 2
