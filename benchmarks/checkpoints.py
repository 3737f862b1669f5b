"""Measure the cost of checkpoints, resuming and stopping.

python benchmarks/checkpoints.py
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from timing import alternate, print_table

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic.config import CubicConfig
from nnlab.fashion.config import FashionConfig
from nnlab.runs.run import Run

NNLAB = [sys.executable, "-m", "nnlab"]
ROUNDS = 5
MODELS: dict[str, Any] = {"cubic": CubicConfig, "fashion": FashionConfig}
RUNS: dict[str, tuple[str, dict[str, object]]] = {
    "cubic": ("cubic", {"samples": 1_000_000, "gif": False}),
    "cubic, hidden 1000": ("cubic", {"hidden": 1000, "samples": 20_000, "gif": False}),
    "cubic, hidden 3000": ("cubic", {"hidden": 3000, "samples": 4000, "gif": False}),
    "fashion": ("fashion", {"epochs": 3}),
}


class Counted(Run):
    """A run that measures the time of its checkpoints."""

    count, seconds = 0, 0.0

    def checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """Write a checkpoint, and measure its time."""
        begin = time.perf_counter()
        super().checkpoint(*args, **kwargs)
        self.seconds += time.perf_counter() - begin
        self.count += 1


class Careless(Run):
    """A run without checkpoints."""

    checkpoint_due = False

    def checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """Write no checkpoint."""


def train(kind: type[Run], experiment: str, flags: dict[str, object]) -> Run:
    """Train once in this process, in a temporary folder."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        resolved = resolve(MODELS[experiment], None, flags)
        with kind(
            experiment, resolved, Silent(), command="benchmark", path=Path(folder, "run")
        ) as run:
            import_module(f"nnlab.{experiment}.train").train(resolved.config, run)
    return run


def child(name: str) -> None:
    """Print number, milliseconds and share of time of the checkpoints of one training."""
    experiment, flags = RUNS[name]
    run = train(Counted, experiment, flags)
    assert isinstance(run, Counted)
    training = run.history[-1]["seconds"]
    print(json.dumps([run.count, 1000 * run.seconds / run.count, 100 * run.seconds / training]))


def start(folder: str, words: str) -> subprocess.Popen[str]:
    """Start nnlab in the folder."""
    return subprocess.Popen(
        [*NNLAB, *words.split()], cwd=folder, text=True, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def until(process: subprocess.Popen[str], begin: str) -> None:
    """Read the process's stderr until a line starts with `begin`."""
    assert process.stderr
    assert any(line.startswith(begin) for line in process.stderr)


def resuming(folder: str) -> float:
    """Kill a run; return the seconds from `nnlab resume` to its first step."""
    process = start(folder, "cubic --epochs 99 --log-every 100 --run-dir run")
    while not Path(folder, "run/checkpoint/last.safetensors").exists():
        assert process.stderr
        process.stderr.readline()
    process.kill()
    process.communicate()
    begin = time.perf_counter()
    process = start(folder, "resume run")
    until(process, "step ")
    taken = time.perf_counter() - begin
    process.kill()
    process.communicate()
    return taken


def stopping(folder: str, words: str, seen: str) -> float:
    """Return the seconds from Ctrl-C to the end of the process."""
    process = start(folder, f"{words} --run-dir run")
    until(process, seen)
    time.sleep(1)
    begin = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    return time.perf_counter() - begin


def in_a_folder(measure: Any, *words: str) -> str:
    """Return median and maximum of a measurement; each repetition has its own folder."""
    taken = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            taken.append(measure(folder, *words))
    return f"{statistics.median(taken):.2f} ({max(taken):.2f})"


def main() -> None:
    """Print the tables."""
    if len(sys.argv) > 1:
        child(sys.argv[1])
        return
    rows = []
    for name in RUNS:
        command = [sys.executable, __file__, name]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(ROUNDS)]
        count, ms, share = (statistics.median(column) for column in zip(*runs, strict=True))
        rows.append([name, f"{count:g}", f"{ms:.1f}", f"{share:.2f}"])
    header = ["run", "checkpoints", "ms each", "% of training time"]
    print_table(f"Checkpoints, medians of {ROUNDS}", header, rows)

    os.chdir(tempfile.mkdtemp())
    flags: dict[str, object] = {"samples": 400_000, "gif": False}
    seconds = alternate(
        {
            "with": lambda: train(Run, "cubic", flags),
            "without": lambda: train(Careless, "cubic", flags),
        }
    )
    ratio = seconds["with"] / seconds["without"]
    print(f"\ncubic, 400,000 steps and pictures, with / without checkpoints: {ratio:.3f}")

    print_table(
        f"From a command or Ctrl-C on, medians of {ROUNDS} (and maxima)",
        ["what", "seconds"],
        [
            ["`nnlab resume` of cubic, until it steps", in_a_folder(resuming)],
            ["Ctrl-C in cubic, until it has ended",
             in_a_folder(stopping, "cubic --samples 1000000", "step 1,000")],
            ["Ctrl-C in fashion, in its second epoch",
             in_a_folder(stopping, "fashion", "epoch 1")],
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
