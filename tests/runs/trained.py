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


def lengthen(run: Path, epochs: int) -> None:
    """Make a run of one epoch say that it has more, in both of its files."""
    for name, said in (("config.yaml", "epochs: {} "), ("run.json", '"epochs": {},')):
        text, one = (run / name).read_text(encoding="utf-8"), said.format(1)
        assert one in text
        (run / name).write_text(text.replace(one, said.format(epochs)), encoding="utf-8")


def stopped(run: SavedRun, path: Path) -> SavedRun:
    """Copy a finished run to `path` as one that was interrupted at its last checkpoint."""
    shutil.copytree(run.path, path)
    record = {**run.record, "status": "interrupted"}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (path / "model.npz").unlink()
    return SavedRun(path)
