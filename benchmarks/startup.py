"""Measure wall time and peak memory of whole commands.

python benchmarks/startup.py
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from timing import print_table

NNLAB = [sys.executable, "-m", "nnlab"]
COMMANDS = {
    "nnlab --help": ["--help"],
    "nnlab cubic --samples 1000": ["cubic", "--samples", "1000"],
    "nnlab cubic --samples 1000 --no-gif": ["cubic", "--samples", "1000", "--no-gif"],
    "nnlab cubic": ["cubic"],
    "nnlab cubic --engine numba": ["cubic", "--engine", "numba"],
    "nnlab check": ["check"],
    "nnlab fashion --data sample --epochs 1": ["fashion", "--data", "sample", "--epochs", "1"],
    "nnlab fashion --epochs 1": ["fashion", "--epochs", "1"],
}
ROUNDS = 5
MAXRSS_PER_MB = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts bytes


def measure(arguments: list[str], folder: str) -> tuple[float, float]:
    """Run one command; return its wall time in seconds and its peak memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        NNLAB + arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: nnlab {' '.join(arguments)}")
    return time.perf_counter() - begin, usage.ru_maxrss / MAXRSS_PER_MB


def main() -> None:
    """Print the table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in COMMANDS.items():
            measure(arguments, folder)  # warms the disk's cache
            runs = [measure(arguments, folder) for _ in range(ROUNDS)]
            seconds = statistics.median(s for s, _ in runs)
            rows.append([f"`{name}`", f"{seconds:.2f}", f"{max(m for _, m in runs):.0f}"])
    print_table("Whole commands, medians of 5", ["command", "wall, s", "peak memory, MB"], rows)


if __name__ == "__main__":
    main()
