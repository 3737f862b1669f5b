"""Measure how long the presets train until they reach 0.914, the accuracy of the assignment's text.

    python benchmarks/time_to_accuracy.py              the script, and all presets but best
    python benchmarks/time_to_accuracy.py fast best    the script, and these presets

The assignment's script without settings (plain_fashion.py) is trained once, with seed 0; a preset
by `nnlab fashion --preset NAME --seed N`. Each training has its own process; the presets run in
turn. Seconds are those of the epochs: they count building TensorFlow's graph, but not validation,
the test, or starting Python and TensorFlow. The exit code is 1 if a preset misses its bar.
"""

import csv
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from timing import print_table

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bar:
    """What a preset promises.

    Attributes:
        share: largest share of the script's seconds.
        mean: smallest test accuracy in the mean of the seeds.
        each: smallest test accuracy of a seed.
    """

    share: float
    mean: float = 0.914
    each: float = 0.0


SCRIPT, PARAMETERS = "plain script", 210_666
SEEDS = {"default": 1, "tuned": 5, "fast": 5, "best": 3}
BARS = {"tuned": Bar(share=0.60), "fast": Bar(share=1 / 14, each=0.910)}


@dataclass(frozen=True)
class Trained:
    """One training: the network's parameters, its seconds, its accuracy on the test set."""

    parameters: int
    seconds: float
    accuracy: float


def script() -> Trained:
    """Train the plain script for 10 epochs."""
    done = subprocess.run(
        [sys.executable, str(HERE / "plain_fashion.py"), "10", "0"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    epochs = json.loads(done.stdout.splitlines()[-1])
    taken = sum(epoch["training_seconds"] for epoch in epochs)
    return Trained(PARAMETERS, taken, epochs[-1]["test_accuracy"])


def preset(name: str, seed: int) -> Trained:
    """Train a preset with nnlab's command line."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        subprocess.run(
            [
                sys.executable, "-m", "nnlab", "fashion", "--preset", name, "--seed", str(seed),
                "--run-dir", str(run), "--no-plots", "--quiet",
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        record = json.loads((run / "run.json").read_text())
        with (run / "metrics.csv").open(newline="") as file:
            rates = [float(epoch["images_per_second"]) for epoch in csv.DictReader(file)]
    taken = sum(record["training_images"] / rate for rate in rates)
    return Trained(record["parameters"], taken, record["summary"]["test_accuracy"])


def row(name: str, runs: list[Trained], share: float) -> list[str]:
    """Return the cells of a preset's row: those of the table in docs/fashion.md."""
    accuracies = [run.accuracy for run in runs]
    spread = f"{min(accuracies):.4f} to {max(accuracies):.4f}, {len(runs)} seeds"
    return [
        name, f"{runs[0].parameters:,}", f"{statistics.mean(accuracies):.4f}",
        spread if len(runs) > 1 else "seed 0", f"{seconds(runs):.1f}", f"{share:.3f}",
    ]  # fmt: skip


def seconds(runs: list[Trained]) -> float:
    """Return the median of the seconds."""
    return statistics.median(run.seconds for run in runs)


def missed(bar: Bar, runs: list[Trained], share: float) -> list[str]:
    """Return what of `bar` a preset missed."""
    accuracies = [run.accuracy for run in runs]
    met = {
        f"at most {bar.share:.3f} of the script's time": share <= bar.share,
        f"mean at least {bar.mean}": statistics.mean(accuracies) >= bar.mean,
        f"each seed at least {bar.each}": min(accuracies) >= bar.each,
    }
    return [promise for promise, kept in met.items() if not kept]


def main(names: list[str]) -> int:
    """Train all, print the table and the bars; return the exit code."""
    trained: dict[str, list[Trained]] = {name: [] for name in (SCRIPT, *names)}
    for seed in range(max(SEEDS[name] for name in names)):
        for name, runs in trained.items():
            if seed < SEEDS.get(name, 1):
                runs.append(script() if name == SCRIPT else preset(name, seed))
                did = f"{runs[-1].accuracy:.4f} after {runs[-1].seconds:.1f} s"
                print(f"{name}, seed {seed}: {did}", flush=True)
    shares = {name: seconds(runs) / seconds(trained[SCRIPT]) for name, runs in trained.items()}
    header = [
        "", "parameters", "test accuracy, mean", "range", "training, s",
        "share of the script's time",
    ]  # fmt: skip
    rows = [row(name, runs, shares[name]) for name, runs in trained.items()]
    print_table("Seconds of training, medians over the seeds", header, rows)
    faults = {
        name: missed(BARS[name], trained[name], shares[name]) for name in names if name in BARS
    }
    for name, promises in faults.items():
        print(f"\n{name}: {'MISSED ' + ', '.join(promises) if promises else 'meets its bar'}")
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["default", "tuned", "fast"]))
