"""Small real sweeps for tests: runs of 200 steps with 3 hidden units."""

from pathlib import Path
from typing import Any

from nnlab.console.view import Silent
from nnlab.jobs.pool import Pool
from nnlab.sweep.opening import made
from nnlab.sweep.plan import Choices, Plan, Range
from nnlab.sweep.runner import run_sweep
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import Results

BASE = {"samples": 200, "epochs": 1, "hidden": 3, "log_every": 20, "gif": False}
LR = Range(low=0.001, high=0.3, log=True)


def plan(**facts: Any) -> Plan:
    """Return the plan of a small sweep of cubic: a grid of three learning rates."""
    about: dict[str, Any] = {
        "experiment": "cubic", "base": BASE, "search": "grid", "trials": 3, "seed": 0,
        "space": {"lr": Choices(values=[0.01, 0.1, 1e6])}, "metric": "rmse",
        "direction": "minimize", "reruns": 2,
    }  # fmt: skip
    return Plan(**about | facts)


def begun(folder: Path, of: Plan, name: str = "mine") -> SweepDirectory:
    """Make the directory of a sweep in `folder`."""
    return made(of, folder, name, "nnlab sweep cubic")


def run(directory: SweepDirectory, jobs: int = 2, budget: float | None = None) -> Results:
    """Run a sweep, or go on with it."""
    with directory, Pool(jobs) as pool:
        return run_sweep(directory, pool, Silent(), budget)
