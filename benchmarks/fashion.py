"""Seconds of an epoch of `nnlab fashion`, beside the same network in a plain Keras script.

    python benchmarks/fashion.py

Each is a process of its own, because they set up TensorFlow differently; they run in turn. The
first epoch of each process, in which TensorFlow builds its graph, is told apart.
"""

import csv
import json
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from timing import print_table

PROCESSES, EPOCHS = 3, 3
PLAIN = Path(__file__).with_name("plain_fashion.py")


def plain() -> list[float]:
    """Return the seconds of each epoch of the plain script."""
    command = [sys.executable, str(PLAIN), str(EPOCHS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return list(map(float, json.loads(done.stdout)))


def nnlab() -> list[float]:
    """Return the seconds of each epoch of nnlab, from its own log."""
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        options = ["fashion", "--epochs", str(EPOCHS), "--run-dir", run, "--quiet"]
        subprocess.run(
            [sys.executable, "-m", "nnlab", *options], check=True, stdout=subprocess.DEVNULL
        )
        with Path(run, "metrics.csv").open(newline="") as file:
            ends = [0.0, *(float(row["seconds"]) for row in csv.DictReader(file))]
    return [end - start for start, end in pairwise(ends)]


def main() -> None:
    """Print the table."""
    seconds: dict[str, list[list[float]]] = {"plain script": [], "nnlab fashion": []}
    for _ in range(PROCESSES):
        seconds["plain script"].append(plain())
        seconds["nnlab fashion"].append(nnlab())
    first = {name: statistics.median(run[0] for run in runs) for name, runs in seconds.items()}
    later = {
        name: statistics.median(s for run in runs for s in run[1:])
        for name, runs in seconds.items()
    }
    rows = [
        [name, f"{first[name]:.2f}", f"{later[name]:.2f}", f"{60_000 / later[name]:,.0f}"]
        for name in seconds
    ]
    for name, taken in (("first", first), ("later", later)):
        print(f"plain / nnlab, {name} epochs: {taken['plain script'] / taken['nnlab fashion']:.2f}")
    count = PROCESSES * (EPOCHS - 1)
    title = f"An epoch with its validation: medians of {PROCESSES} first and {count} later epochs"
    print_table(title, ["", "first epoch, s", "later epochs, s", "images a second"], rows)


if __name__ == "__main__":
    main()
