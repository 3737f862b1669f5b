"""Find a run by its directory, its name, or a file in its directory."""

import os
from pathlib import Path

from nnlab.paths import expanded
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import FILES


def run_of(path: Path) -> Path:
    """Return the run directory for `path`: `path`, `runs/path`, or the folder of a run's file."""
    path = expanded(path)
    meant = path.parent if path.name in FILES else path
    runs = (run for run in (meant, RUNS / meant) if _is_file(run / "run.json"))
    return next(runs, path)


def config_of(path: Path) -> Path:
    """Return the config file for `path`: `path`, or the config.yaml of a run."""
    path = expanded(path)
    config = run_of(path) / "config.yaml"
    plain = _is_file(path) and path.name != "run.json"
    return config if not plain and _is_file(config) else path


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path's raises for a name that cannot be
