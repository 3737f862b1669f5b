"""Print the result of a finished run."""

import json
import sys
from collections.abc import Iterable

from nnlab.console.stream import say
from nnlab.metric import Metric, formatted
from nnlab.runs.saved import SavedRun
from nnlab.text import printable, rerun_command, resume_line


def print_run(saved: SavedRun) -> None:
    """Print a run on stdout as one JSON object: `run_dir`, and what run.json holds."""
    say(json.dumps({"run_dir": str(saved.path)} | saved.record, indent=2), sys.stdout)


def print_directory(saved: SavedRun) -> None:
    """Print the run directory on stdout, exactly as a script needs it."""
    say(printable(saved.path) if sys.stdout.isatty() else str(saved.path), sys.stdout)


def print_result(saved: SavedRun, metrics: Iterable[Metric], *, quiet: bool = False) -> None:
    """Print a finished run on stdout: its report or metrics, its pictures, how to rerun it.

    With `quiet`, print only the run directory.
    """
    path, record = saved.path, saved.record
    if quiet:
        print_directory(saved)
        return
    shown = {"data": record["data"]["name"]} if record.get("data") else {}
    metrics = list(metrics)
    shown |= {name: formatted(metrics, name, value) for name, value in saved.summary.items()}
    width = max(map(len, shown), default=0)
    plots = ", ".join(plot.name for plot in saved.plots)
    lines = [
        *(
            record.get("report")
            or (f"{k.replace('_', ' '):<{width}}  {v}" for k, v in shown.items())
        ),
        *filter(None, [saved.verdict]),
        f"run directory: {path}  ({f'plots: {plots}' if plots else 'no plots'})",
        *([] if plots else [f"draw its plots: {resume_line(path)}"]),
        f"run it again:  {rerun_command(saved.experiment, path)}",
    ]
    say("\n".join(map(printable, lines)), sys.stdout)
