"""The trials of a sweep for other programs: as CSV, and as plain values for JSON."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from nnlab.reports.settings import as_text
from nnlab.reports.statistics import estimate
from nnlab.sweep.plan import Plan
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import Results, Trial
from nnlab.sweep.words import BAD, counts
from nnlab.text import printable


def trials_csv(results: Results) -> str:
    """Return the trials as CSV, a line each, numbers to their last digit.

    It holds no time, and no path of the sweep, so that equal results give equal bytes. A list is
    JSON text.
    """
    plan = results.plan
    seeds = plan.paired if plan.seeds > 1 else ()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["trial", "state", *plan.space, "value", *(f"value_s{seed}" for seed in seeds), "why"]
    )
    for trial in results.trials:
        values = by_seed(plan, trial)
        numbers = [trial.value, *(values.get(seed) for seed in seeds)]
        keys = [as_text(trial.keys[key]) for key in plan.space]
        cells = ["" if value is None else repr(value) for value in numbers]
        writer.writerow(
            printable(cell) for cell in (trial.number, trial.state, *keys, *cells, trial.why)
        )
    return text.getvalue()


def by_seed(plan: Plan, trial: Trial) -> dict[int, float]:
    """Return the values of a trial by seed; none if a run that diverged or failed is among them.

    Then `trial.values` does not tell which of its seeds are missing.
    """
    if trial.state in BAD and len(trial.values) < plan.seeds:
        return {}
    return dict(zip(plan.paired, trial.values, strict=False))


def told(results: Results, directory: SweepDirectory) -> dict[str, Any]:
    """Return what a sweep found as plain values for JSON."""
    from nnlab.sweep.importance import importances  # loads Optuna

    plan, best = results.plan, results.best
    return {
        "sweep": directory.path.name, "directory": str(directory.path),
        "status": directory.record.status, "plan": plan.model_dump(mode="json"),
        "counts": counts(results),
        "best": best and {**_trial(plan, best, directory), "rerun": _rerun(results, directory)},
        "importances": importances(results),
        "trials": [_trial(plan, trial, directory) for trial in results.trials],
    }  # fmt: skip


def _trial(plan: Plan, trial: Trial, directory: SweepDirectory) -> dict[str, Any]:
    values = by_seed(plan, trial)
    return {
        "trial": trial.number, "state": trial.state, "keys": dict(trial.keys),
        "value": trial.value, "values": {str(seed): value for seed, value in values.items()},
        "rungs": {str(point): value for point, value in trial.rungs.items()}, "why": trial.why,
        "seconds": trial.seconds, "directories": _directories(directory, trial, plan.paired),
    }  # fmt: skip


def _rerun(results: Results, directory: SweepDirectory) -> dict[str, Any] | None:
    """Return what the fresh seeds say of the best trial; None if it was not run again."""
    plan, best = results.plan, results.best
    if best is None or not (best.fresh or best.fresh_lost):
        return None
    mean, half, _ = estimate(best.fresh) if best.fresh else (None, None, 0)
    return {
        "asked": plan.reruns, "values": list(best.fresh), "mean": mean,
        "low": None if half is None or mean is None else mean - half,
        "high": None if half is None or mean is None else mean + half,
        "lost": {str(seed): why for seed, why in best.fresh_lost.items()},
        "optimism": results.optimism, "directories": _directories(directory, best, plan.fresh),
    }  # fmt: skip


def _directories(directory: SweepDirectory, trial: Trial, seeds: Sequence[int]) -> list[str]:
    """Return the run directories of a trial that exist."""
    paths = (directory.run_dir(trial.number, seed) for seed in seeds)
    return [str(path) for path in paths if path.exists()]
