"""A run that started from files is rerun and resumed where those files never were."""

import shutil
from pathlib import Path

import numpy as np

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.state import first_parameters
from tests.conftest import Nnlab, digest

FROM_FILES = (
    "cubic", "--hidden", 4, "--no-gif", "--points", "x.npy", "--init-from", "p.npz",
)  # fmt: skip


def test_a_run_from_files_moves_without_them(nnlab: Nnlab, tmp_path: Path) -> None:
    config = CubicConfig(hidden=4)
    np.savez(tmp_path / "p.npz", **first_parameters(config))  # type: ignore[arg-type]
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 50))
    assert nnlab(*FROM_FILES, "--epochs", 2, "--run-dir", "long").returncode == 0
    assert nnlab(*FROM_FILES, "--run-dir", "a").returncode == 0
    (tmp_path / "p.npz").unlink()
    np.save(tmp_path / "x.npy", np.linspace(-1, 1, 50))
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "a", tmp_path / "elsewhere/b")
    again = nnlab("cubic", "--config", "elsewhere/b/config.yaml", "--run-dir", "c")
    assert again.returncode == 0, again.stderr
    assert digest(tmp_path / "c") == digest(tmp_path / "elsewhere/b")
    done = nnlab("resume", "elsewhere/b", "--epochs", 2)
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "elsewhere/b") == digest(tmp_path / "long")
