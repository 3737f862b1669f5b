"""Print the result of a finished run."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlab.console.stream import say
from nnlab.text import printable, rerun_command, show


def print_result(
    path: Path,
    record: Mapping[str, Any],
    report: Sequence[str] = (),
    *,
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    """Print a finished run on stdout: its metrics and pictures, and last the next useful command.

    As JSON one object, `run_dir` beside what run.json holds; when `quiet` the directory alone.
    `report`, if there is one, stands for the metrics.
    """
    if as_json:
        say(json.dumps({"run_dir": str(path)} | dict(record), indent=2), sys.stdout)
        return
    lines = [printable(path) if sys.stdout.isatty() else str(path)]  # a script wants it as it is
    if not quiet:
        facts = {"data": record["data"]["name"]} if record.get("data") else {}
        facts |= {name: show(name, value) for name, value in record.get("summary", {}).items()}
        width = max(map(len, facts), default=0)
        pictures = ", ".join(sorted(p.name for p in path.glob("plots/*")))
        lines = [
            *(report or (f"{k.replace('_', ' '):<{width}}  {v}" for k, v in facts.items())),
            *filter(None, [record.get("verdict")]),
            f"run directory: {path}  (plots: {pictures})",
            f"run it again:  {rerun_command(record['experiment'], path)}",
        ]
        lines = list(map(printable, lines))
    say("\n".join(lines), sys.stdout)
