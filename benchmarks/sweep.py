"""Measure a sweep beside Optuna's own optimize(n_jobs=2) and Ray Tune, with the same trials.

python benchmarks/sweep.py

A trial is a run of `nnlab cubic` without pictures, in a run directory of its own. All alternatives
train the same settings. What each needs to start (worker processes, Ray) counts.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timing import alternate, print_table

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.jobs.where import opened
from nnlab.sweep import random
from nnlab.sweep.opening import made
from nnlab.sweep.plan import Keys, Plan, Range
from nnlab.sweep.runner import run_sweep

JOBS = 2
SPACE = {"lr": Range(low=0.001, high=0.1, log=True)}
LONG = {"samples": 400_000, "hidden": 50, "engine": "numpy", "gif": False}  # 2 s and more
SHORT = {"samples": 10, "hidden": 3, "engine": "numpy", "gif": False}  # nothing but overhead
LONG_TRIALS = 8
FEW, MANY = 10, 50  # short trials: the difference is the cost of a trial without the start
TIMES = 5


def plan(trials: int, base: Keys) -> Plan:
    """Return the plan of a random search."""
    return Plan(
        experiment="cubic", base=base, space=dict(SPACE), search="random", trials=trials, seed=0,
        metric="rmse", direction="minimize", reruns=0,
    )  # fmt: skip


def settings(trials: int, base: Keys) -> list[Keys]:
    """Return the config keys of the same trials."""
    return [{**base, **random.setting(SPACE, 0, number), "seed": 0} for number in range(trials)]


def ours(trials: int, base: Keys, jobs: int, ray: str | None = None) -> None:
    """Run the sweep with nnlab."""
    with (
        tempfile.TemporaryDirectory() as folder,
        made(plan(trials, base), Path(folder), None, "benchmark") as directory,
        opened(jobs, ray, Silent()) as workers,
    ):
        results = run_sweep(directory, workers, Silent())
        assert [trial.state for trial in results.trials] == ["complete"] * trials


def train(keys: Keys, folder: str) -> float:
    """Train one run, as the objective of the others."""
    experiment = EXPERIMENTS["cubic"]
    saved = launch(
        experiment, resolve(experiment.config, None, keys), command="benchmark",
        parent=Path(folder), pictures=False,
    )  # fmt: skip
    return saved.summary["rmse"]


def optuna_alone(trials: int, base: Keys) -> None:
    """Run the same trials with Optuna's threads."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    asked = settings(trials, base)
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study()
        study.optimize(
            lambda trial: train(asked[trial.number], folder), n_trials=trials, n_jobs=JOBS
        )


def tune_alone(trials: int, base: Keys) -> None:
    """Run the same trials with Ray Tune on a local Ray."""
    import ray
    from ray import tune

    asked = settings(trials, base)
    with tempfile.TemporaryDirectory() as folder:
        ray.init(num_cpus=JOBS, include_dashboard=False, logging_level="ERROR", log_to_driver=False)

        def objective(config: dict[str, Any]) -> dict[str, float]:
            return {"rmse": train(asked[config["number"]], folder)}

        tuner = tune.Tuner(
            objective, param_space={"number": tune.grid_search(list(range(trials)))},
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )  # fmt: skip
        assert not tuner.fit().errors
        ray.shutdown()


def has_tune() -> bool:
    """Return whether Ray Tune can be imported."""
    try:
        import ray.tune  # noqa: F401
    except ImportError:
        return False
    return True


def alone(trials: int, base: Keys) -> None:
    """Train the same runs one after the other in this process."""
    with tempfile.TemporaryDirectory() as folder:
        for keys in settings(trials, base):
            train(keys, folder)


def alternatives(trials: int, base: Keys) -> dict[str, Callable[[], object]]:
    """Return what is compared, by name."""
    found: dict[str, Callable[[], object]] = {
        "no sweep": lambda: alone(trials, base),
        "nnlab sweep --jobs 1": lambda: ours(trials, base, 1),
        "nnlab sweep --jobs 2": lambda: ours(trials, base, JOBS),
        "nnlab sweep --jobs 2 --ray local": lambda: ours(trials, base, JOBS, "local"),
        "Optuna, n_jobs=2 (threads)": lambda: optuna_alone(trials, base),
    }
    if has_tune():
        found["Ray Tune, 2 CPUs"] = lambda: tune_alone(trials, base)
    return found


def long() -> None:
    """Print how much faster two jobs are."""
    seconds = alternate(alternatives(LONG_TRIALS, LONG), TIMES)
    lone = seconds["no sweep"]
    rows = [(name, f"{taken:.1f}", f"{lone / taken:.2f}") for name, taken in seconds.items()]
    print_table(
        f"{LONG_TRIALS} trials of {lone / LONG_TRIALS:.1f} s, medians of {TIMES}",
        ["", "seconds", "times as fast as no sweep"], rows,
    )  # fmt: skip
    one, two = (seconds[f"nnlab sweep --jobs {jobs}"] for jobs in (1, JOBS))
    print(f"\nefficiency of --jobs {JOBS}: {one / two / JOBS:.2f}")


def short() -> None:
    """Print what a trial costs beside its training."""
    few = alternate(alternatives(FEW, SHORT), TIMES)
    many = alternate(alternatives(MANY, SHORT), TIMES)
    each = {name: (many[name] - few[name]) / (MANY - FEW) for name in few}
    rows = [
        (name, f"{few[name] - FEW * each[name]:.1f}", f"{1000 * each[name]:.0f}") for name in few
    ]
    print_table(
        f"trials of 10 steps: from {FEW} and {MANY} of them, medians of {TIMES}",
        ["", "start (s)", "a trial (ms)"], rows,
    )  # fmt: skip


def main() -> None:
    """Print both tables, or the one that the command line names."""
    os.environ |= {
        "RAY_AIR_NEW_OUTPUT": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "OMP_NUM_THREADS": "1",
    }
    for table in sys.argv[1:] or ("long", "short"):
        {"long": long, "short": short}[table]()


if __name__ == "__main__":
    main()
