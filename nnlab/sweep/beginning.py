"""What is said when a sweep begins, or is resumed with nothing left to do."""

import shlex
from collections.abc import Iterator

from nnlab.cores import cores
from nnlab.runs.collection import from_here
from nnlab.sweep.cohorts import read_sweep
from nnlab.sweep.plan import Plan
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.words import unfinished
from nnlab.text import span


def is_done(directory: SweepDirectory) -> bool:
    """Return whether a resume of a sweep has no run to begin."""
    if directory.record.status != "completed":
        return False  # without a look at the runs
    results, due = read_sweep(directory)
    failed = any(trial.state == "failed" for trial in results.trials)
    lost = results.best is not None and bool(results.best.fresh_lost)
    return not (due or failed or lost or unfinished(results))


def further(directory: SweepDirectory) -> str:
    """Return how to search further, the end of a sentence; "" for a grid, which has no more."""
    if directory.plan.search == "grid":
        return ""
    more = str(2 * directory.plan.trials)
    command = ["nnlab", "sweep", "resume", from_here(directory.path), "--trials", more]
    return f"; to search further: {shlex.join(command)}"


def beginning(plan: Plan, jobs: int | None, ray: str | None, budget: float | None) -> Iterator[str]:
    """Yield what the user waits for until the first run begins, and when no run begins any more.

    Args:
        plan: the plan.
        jobs: runs at a time; None for one on each core.
        ray: the address of a Ray cluster; None for this machine.
        budget: seconds; None for no limit.
    """
    if ray is None:
        workers = min(jobs or cores(), plan.trials * plan.seeds)
        yield f"starting {workers} worker{'s' * (workers > 1)}"
    if budget is not None:
        yield f"no run begins after {span(budget)}"
