"""Small runs, and the same ones as if something had stopped them."""

import json
import shutil
from pathlib import Path

from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.runs.saved import SavedRun


def trained(path: Path, experiment: str, **keys: object) -> SavedRun:
    """Train in this process; return the run in the directory `path`."""
    row = EXPERIMENTS[experiment]
    return launch(row, resolve(row.config, None, keys), command="a test", run_dir=path)


def bare(path: Path, experiment: str, **keys: object) -> SavedRun:
    """Train as `trained` does, without pictures, which take most of the time of a small run."""
    row = EXPERIMENTS[experiment]
    resolved = resolve(row.config, None, keys)
    return launch(row, resolved, command="a test", run_dir=path, pictures=False)


def stopped(run: SavedRun, path: Path) -> SavedRun:
    """Copy a finished run to `path` as one that was interrupted at its last checkpoint."""
    shutil.copytree(run.path, path)
    record = {**run.record, "status": "interrupted"}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (path / "model.npz").unlink()
    return SavedRun(path)
