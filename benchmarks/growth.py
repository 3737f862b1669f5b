"""Measure how much memory long runs need: their peak, and the processor time, beside a limit.

python benchmarks/growth.py [regular expression]
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from startup import MAXRSS_PER_MB, NNLAB
from timing import print_table

LONG = ("cubic", "--samples", "1000000", "--log-every", "1", "--hidden", "8", "--run-dir", "long")
MANY = ("cubic", "--samples", "100000000", "--batch-size", "10000", "--hidden", "8")
SMALL, AN_EPOCH = 150, 150 + 100_000_000 * 8 / 1024**2  # MB; an epoch keeps its x
RESUMED = 1_000_000  # bytes that a resumed run writes to metrics.csv before it is stopped


class Case(NamedTuple):
    """A command and the most MB that it should need."""

    name: str
    words: tuple[str, ...]
    limit: float
    stopped: bool = False


CASES = (
    Case("a run with 1,000,000 log points", LONG, SMALL),
    Case("`nnlab show` of it", ("show", "long"), SMALL),
    Case("`nnlab report` of it", ("report", "long"), SMALL),
    Case("`nnlab compare` of it and a short run", ("compare", "long", "short"), SMALL),
    Case("`nnlab resume` of it, stopped", ("resume", "long", "--epochs", "2"), SMALL, stopped=True),
    Case("100,000,000 points", (*MANY, "--run-dir", "many"), AN_EPOCH),
    Case("100,000,000 points, `--no-shuffle`", (*MANY, "--no-shuffle"), SMALL),
    Case("`nnlab fashion --epochs 1`", ("fashion", "--epochs", "1"), 900),
)


def measure(case: Case, folder: Path) -> list[str]:
    """Run one command; return its row: peak memory, limit, processor time."""
    log = folder / "long/metrics.csv"
    end = log.stat().st_size + RESUMED if case.stopped else 0
    process = subprocess.Popen(
        [*NNLAB, *case.words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while case.stopped and log.stat().st_size < end:
        time.sleep(0.05)
    if case.stopped:
        process.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(process.pid, 0)
    if status and not case.stopped:
        sys.exit(f"failed: nnlab {' '.join(case.words)}")
    peak, seconds = usage.ru_maxrss / MAXRSS_PER_MB, usage.ru_utime + usage.ru_stime
    return [case.name, f"{peak:.0f}", f"{case.limit:.0f}", f"{seconds:.1f}"]


def main() -> None:
    """Print the table, of the cases in whose names the argument is found; "of it" needs the run."""
    wanted = [case for case in CASES if re.search(" ".join(sys.argv[1:]), case.name)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = ("cubic", "--samples", "1000", "--no-gif", "--quiet", "--run-dir", "short")
        subprocess.run([*NNLAB, *short], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        rows = [measure(case, folder) for case in wanted]
    header = ["what", "peak memory, MB", "at most", "processor time, s"]
    print_table("The memory of long runs", header, rows)


if __name__ == "__main__":
    main()
