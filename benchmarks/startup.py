"""Measure processor time, wall time and peak memory of whole commands, and of completion.

python benchmarks/startup.py [completion|commands] [--only 'nnlab check' ...] [--against CHECKOUT]

The processor time is that of the process and its children, user and system: the least of ROUNDS,
because other programs can only add to it. Beside it stands the bar that the command should keep.
With --against, each command of another checkout of nnlab runs in turn with that of this one.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from timing import print_table

HERE = Path(__file__).parents[1]
NNLAB = [sys.executable, "-m", "nnlab"]
COMMANDS = [
    "nnlab --version", "nnlab --help", "nnlab cubic --samples 1000",
    "nnlab cubic --samples 1000 --no-gif", "nnlab cubic", "nnlab cubic --engine numba",
    "nnlab check", "nnlab fashion --data sample --epochs 1", "nnlab fashion --epochs 1",
]  # fmt: skip
BARS = {"nnlab --help": 0.27, "nnlab cubic --samples 1000": 1.4, "nnlab cubic": 2.4,
        "nnlab check": 2.2, "nnlab fashion --data sample --epochs 1": 9}  # fmt: skip
COMPLETIONS = [  # lines at whose end Tab is pressed
    "nnlab ", "nnlab cu", "nnlab resume ", "nnlab resume last", "nnlab runs ", "nnlab cubic --",
    "nnlab fashion --optimizer ", "nnlab fashion --preset ",
]  # fmt: skip
ROUNDS = 5
MAXRSS_PER_MB = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts bytes
HEADER = ["processor, s", "bar, s", "of the bar", "wall, s", "peak memory, MB"]


class Cost(NamedTuple):
    """What one run of a command took: seconds of the processor and on the wall, and MB."""

    processor: float
    wall: float
    memory: float


def measure(arguments: list[str], folder: str, checkout: Path = HERE, **environment: str) -> Cost:
    """Run one command in `folder` with the code in `checkout`."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        NNLAB + arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(checkout)} | environment,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: nnlab {' '.join(arguments)}")
    wall = time.perf_counter() - begin
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / MAXRSS_PER_MB)


def complete(line: str, folder: str) -> Cost:
    """Measure what bash does when Tab is pressed after `line`."""
    words = line.split(" ")
    return measure(
        [], folder, _NNLAB_COMPLETE="complete_bash", COMP_WORDS="\n".join(words),
        COMP_CWORD=str(len(words) - 1),
    )  # fmt: skip


def rows(runs: dict[str, Callable[[], Cost]], bar: float | None = None) -> list[list[str]]:
    """Return a row for each name; they run in turn, after one that warms the disk's cache."""
    found: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            found[name].append(run())
    return [_row(name, costs[1:], bar) for name, costs in found.items()]


def _row(name: str, costs: list[Cost], bar: float | None) -> list[str]:
    least = min(cost.processor for cost in costs)
    against = [f"{bar:.2f}", f"{least / bar:.2f}"] if bar else ["", ""]
    wall = statistics.median(cost.wall for cost in costs)
    return [name, f"{least:.2f}", *against, f"{wall:.2f}", f"{max(c.memory for c in costs):.0f}"]


def main() -> None:
    """Print the tables; with the argument `completion`, only that of the completion."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="?", choices=["completion", "commands"])
    parser.add_argument("--only", nargs="*", default=COMMANDS, help="some of the commands")
    parser.add_argument("--against", type=Path, help="another checkout of nnlab")
    asked = parser.parse_args()
    if asked.what != "commands":
        with tempfile.TemporaryDirectory() as folder:
            for number in range(1000):
                run = Path(folder, f"runs/cubic-{number:04d}")
                run.mkdir(parents=True)
                (run / "run.json").touch()
            tabs = [
                row
                for line in COMPLETIONS
                for row in rows({f"`{line}<Tab>`": partial(complete, line, folder)})
            ]
        print_table(f"Completion among 1,000 runs, of {ROUNDS}", ["line", *HEADER], tabs)
    if asked.what == "completion":
        return
    checkouts = {"": HERE} | (
        {f", {asked.against.name}": asked.against.resolve()} if asked.against else {}
    )
    table: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for command in asked.only:
            words = command.split()[1:]
            table += rows(
                {
                    f"`{command}`{which}": partial(measure, words, folder, checkout)
                    for which, checkout in checkouts.items()
                },
                BARS.get(command),
            )
    title = f"Whole commands: the least processor time of {ROUNDS}, the median of the wall times"
    print_table(title, ["command", *HEADER], table)


if __name__ == "__main__":
    main()
