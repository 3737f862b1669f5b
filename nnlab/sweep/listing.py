"""The sweeps of a folder: how each stands, and the best that it has found."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlab.console.stream import say
from nnlab.errors import NnlabError
from nnlab.reports.table import print_table
from nnlab.runs.collection import begun, from_here
from nnlab.sweep.cohorts import read_sweep
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import ENDED, Results
from nnlab.sweep.words import key_text, number, unfinished

HEADER = ("name", "experiment", "status", "trials", "best", "with", "left")


def sweeps_in(parent: Path) -> list[dict[str, Any]]:
    """Return what is known of each sweep in a folder, by name, as plain values for JSON."""
    return [_read(path) for path in begun("sweep", parent)]


def print_sweeps(sweeps: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of the sweeps; a damaged one is a grey row, and why is a line on stderr."""
    rows, faint = [], set()
    for place, each in enumerate(sweeps):
        if each["error"]:
            faint.add(place)
            say(f"note: {each['error']}", sys.stderr)
            rows.append((each["name"], "", "damaged", "", "", "", ""))
            continue
        best = each["best"] or {"text": "-", "with": "-"}
        status = "running or killed" if each["status"] == "running" else each["status"]
        rows.append(
            (
                each["name"], each["experiment"], status, f"{each['done']:,}/{each['trials']:,}",
                best["text"], best["with"], each["left"] or "-",
            )
        )  # fmt: skip
    print_table(HEADER, rows, right={"trials"}, faint=faint)


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = {"name": path.name, "directory": from_here(path), "error": ""}
    try:
        directory = SweepDirectory.open(path)
        results, _ = read_sweep(directory)
    except (NnlabError, OSError) as error:
        return told | {"status": "damaged", "error": str(error)}
    plan = directory.plan
    done = sum(trial.state in ENDED for trial in results.trials)
    return told | {
        "experiment": plan.experiment, "status": directory.record.status, "metric": plan.metric,
        "done": done, "trials": plan.trials, "best": _best(results),
        "left": _left(results, plan.trials - done),
    }  # fmt: skip


def _best(results: Results) -> dict[str, Any] | None:
    plan, best = results.plan, results.best
    if best is None or best.value is None:
        return None
    keys = [f"{key}={key_text(plan.space[key], value)}" for key, value in best.keys.items()]
    return {
        "trial": best.number, "value": best.value, "keys": dict(best.keys),
        "text": f"{plan.metric} {number(plan, best.value)}", "with": " ".join(keys),
    }  # fmt: skip


def _left(results: Results, trials: int) -> str:
    """Return what `nnlab sweep resume` would do; "" if nothing is left."""
    if trials:
        return f"{trials:,} trial{'s' * (trials > 1)}"
    failed = sum(trial.state == "failed" for trial in results.trials)
    if failed:
        return f"{failed:,} failed"
    return "the best on fresh seeds" * unfinished(results)
