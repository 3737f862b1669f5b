"""Which engine a run takes and records."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import Nnlab, digest


@pytest.mark.parametrize(
    ("keys", "engine"),
    [
        (("--hidden", 1200), "numpy"),  # two BLAS threads: faster than compiled loops
        (("--hidden", 1200, "--batch-size", 2), "numba"),
        (("--hidden", 5), "numba"),
    ],
)
def test_auto_is_recorded_as_the_engine_that_it_stands_for(
    nnlab: Nnlab, keys: tuple[object, ...], engine: str
) -> None:
    done = nnlab("cubic", "--engine", "auto", *keys, "--print-config")
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["engine"] == engine


def test_a_run_with_auto_resumes_with_its_engine(nnlab: Nnlab, tmp_path: Path) -> None:
    quick = ("cubic", "--hidden", 10, "--samples", 300, "--batch-size", 30, "--no-plots")
    assert nnlab(*quick, "--engine", "auto", "--run-dir", "a").returncode == 0
    assert nnlab("resume", "a", "--epochs", 2).returncode == 0
    assert nnlab(*quick, "--engine", "numba", "--epochs", 2, "--run-dir", "b").returncode == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
