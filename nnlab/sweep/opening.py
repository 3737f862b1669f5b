"""Begin a sweep, or open one that was begun."""

import os
from pathlib import Path
from typing import Literal

from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.runs.collection import meant
from nnlab.runs.same_code import refuse_other_code
from nnlab.sweep.grid import size
from nnlab.sweep.plan import MOST_TRIALS, Plan
from nnlab.sweep.store import SWEEPS, SweepDirectory, SweepRecord
from nnlab.text import printable


def made(plan: Plan, parent: Path, name: str | None, command: str) -> SweepDirectory:
    """Make the directory of a new sweep.

    Args:
        plan: what is asked.
        parent: the folder of the sweeps.
        name: the directory's name; by default the next free EXPERIMENT-0001.
        command: what started it.

    Raises:
        UsageError: there is a directory of this name.
        OSError: it cannot be made.
    """
    record = SweepRecord(
        plan=plan, status="running", command=command,
        **provenance.describe(),  # type: ignore[arg-type]
    )  # fmt: skip
    if name is None:
        return SweepDirectory.make_next(parent, plan.experiment, record)
    path = parent / name
    if os.path.lexists(path):
        go_on = f", or go on with it: nnlab sweep resume {printable(path)}"
        raise UsageError(
            f"{printable(path)} exists, and nnlab never overwrites a sweep: choose another --name"
            + go_on * (path / "sweep.json").exists()
        )
    return SweepDirectory.make_named(path, record)


def reopened(
    directory: Path | None,
    word: Literal["resume", "show"],
    parent: Path = SWEEPS,
    trials: int | None = None,
) -> SweepDirectory:
    """Return a sweep that was begun, to go on with it or to show it.

    Args:
        directory: the directory, its name in `parent`, or `last`.
        word: what is asked.
        parent: the folder of the sweeps.
        trials: a new number of trials, not below the old one; None to leave it.

    Raises:
        UsageError: it is none; other code would go on with it; or the number cannot be changed.
    """
    if directory is None:
        raise UsageError(f"name the sweep: nnlab sweep {word} {SweepDirectory.example}, or last")
    opened = SweepDirectory.open(meant("sweep", expanded(directory), parent))
    if word == "resume":
        refuse_other_code(opened)
    if trials is not None and trials != opened.plan.trials:
        opened.record = opened.record.model_copy(update={"plan": _larger(opened.plan, trials)})
    return opened


def _larger(plan: Plan, trials: int) -> Plan:
    """Return the plan with another number of trials. Raises UsageError if that cannot be."""
    if plan.search == "grid":
        raise UsageError(f"--trials {trials}: the grid of this sweep has {plan.trials:,} points")
    if trials < plan.trials:
        raise UsageError(f"--trials {trials}: the sweep has {plan.trials:,} already; ask for more")
    if (points := size(plan.space)) is not None and points < trials:
        raise UsageError(f"--trials {trials}: the space of this sweep has only {points:,} settings")
    if trials > MOST_TRIALS:
        raise UsageError(f"--trials {trials}: a sweep has at most {MOST_TRIALS:,} trials")
    return plan.model_copy(update={"trials": trials})
