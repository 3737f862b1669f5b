"""A run that started from files is rerun and resumed where those files never were."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.state import first_parameters
from nnlab.runs.saved import SavedRun
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


def test_a_check_from_a_file_moves_without_it(nnlab: Nnlab, tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", **first_parameters(CubicConfig(hidden=4)))  # type: ignore[arg-type]
    kept = (tmp_path / "p.npz").read_bytes()
    check = ("check", "--hidden", 4, "--init-from", "p.npz", "--run-dir", "a")
    assert nnlab(*check).returncode == 0
    record = SavedRun(tmp_path / "a").record
    assert record["inputs"] == {"init_from": hashlib.sha256(kept).hexdigest()}
    other = first_parameters(CubicConfig(hidden=4, seed=1))
    np.savez(tmp_path / "p.npz", **other)  # type: ignore[arg-type]
    again = nnlab("check", "--config", "a/config.yaml", "--json", "--run-dir", "b")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["blocks"] == record["blocks"]
    (tmp_path / "a/run.json").write_text(json.dumps(record | {"status": "running"}))  # as if killed
    shutil.rmtree(tmp_path / "a/inputs")  # the copy, which a large file has not
    done = nnlab("resume", "a")
    assert done.returncode == 2
    assert "p.npz is not the file that a began with" in done.stderr
    (tmp_path / "p.npz").write_bytes(kept)
    assert nnlab("resume", "a").returncode == 0
    assert SavedRun(tmp_path / "a").record["blocks"] == record["blocks"]
