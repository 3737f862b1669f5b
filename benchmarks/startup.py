"""Measure wall time and peak memory of whole commands, and of the shell's completion.

python benchmarks/startup.py [completion]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from timing import print_table

NNLAB = [sys.executable, "-m", "nnlab"]
COMMANDS = {
    "nnlab --version": ["--version"],
    "nnlab --help": ["--help"],
    "nnlab cubic --samples 1000": ["cubic", "--samples", "1000"],
    "nnlab cubic --samples 1000 --no-gif": ["cubic", "--samples", "1000", "--no-gif"],
    "nnlab cubic": ["cubic"],
    "nnlab cubic --engine numba": ["cubic", "--engine", "numba"],
    "nnlab check": ["check"],
    "nnlab fashion --data sample --epochs 1": ["fashion", "--data", "sample", "--epochs", "1"],
    "nnlab fashion --epochs 1": ["fashion", "--epochs", "1"],
}
COMPLETIONS = [  # lines at whose end Tab is pressed
    "nnlab ", "nnlab cu", "nnlab resume ", "nnlab resume last", "nnlab runs ", "nnlab cubic --",
    "nnlab fashion --optimizer ", "nnlab fashion --preset ",
]  # fmt: skip
ROUNDS = 5
MAXRSS_PER_MB = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts bytes


def measure(arguments: list[str], folder: str, **environment: str) -> tuple[float, float]:
    """Run one command; return its wall time in seconds and its peak memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        NNLAB + arguments, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: nnlab {' '.join(arguments)}")
    return time.perf_counter() - begin, usage.ru_maxrss / MAXRSS_PER_MB


def complete(line: str, folder: str) -> tuple[float, float]:
    """Measure what bash does when Tab is pressed after `line`."""
    words = line.split(" ")
    return measure(
        [], folder, _NNLAB_COMPLETE="complete_bash", COMP_WORDS="\n".join(words),
        COMP_CWORD=str(len(words) - 1),
    )  # fmt: skip


def row(name: str, run: Callable[[], tuple[float, float]]) -> list[str]:
    """Return a row of the table: the median of `ROUNDS`, after one that warms the disk's cache."""
    runs = [run() for _ in range(ROUNDS + 1)][1:]
    return [f"`{name}`", f"{statistics.median(s for s, _ in runs):.2f}",
            f"{max(m for _, m in runs):.0f}"]  # fmt: skip


def main() -> None:
    """Print the tables; with the argument `completion`, only that of the completion."""
    header = ["wall, s", "peak memory, MB"]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1000):
            run = Path(folder, f"runs/cubic-{number:04d}")
            run.mkdir(parents=True)
            (run / "run.json").touch()
        tabs = [row(f"{line}<Tab>", partial(complete, line, folder)) for line in COMPLETIONS]
    print_table(f"Completion among 1,000 runs, medians of {ROUNDS}", ["line", *header], tabs)
    if sys.argv[1:] == ["completion"]:
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(name, partial(measure, words, folder)) for name, words in COMMANDS.items()]
    print_table(f"Whole commands, medians of {ROUNDS}", ["command", *header], rows)


if __name__ == "__main__":
    main()
