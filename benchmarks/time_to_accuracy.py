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


SCRIPT = "plain script"
SEEDS = {"default": 1, "tuned": 5, "fast": 5, "best": 3}
BARS = {"tuned": Bar(share=0.60), "fast": Bar(share=1 / 14, each=0.910)}


@dataclass(frozen=True)
class Trained:
    """One training: its seconds and its accuracy on the test set."""

    seconds: float
    accuracy: float


def script() -> Trained:
    """Train the plain script for 10 epochs."""
    done = subprocess.run(
        [sys.executable, str(HERE / "plain_fashion.py"), "10", "0"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    epochs = json.loads(done.stdout.splitlines()[-1])
    return Trained(sum(e["training_seconds"] for e in epochs), epochs[-1]["test_accuracy"])


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
    seconds = sum(record["training_images"] / rate for rate in rates)
    return Trained(seconds, record["summary"]["test_accuracy"])


def missed(bar: Bar, share: float, accuracies: list[float]) -> list[str]:
    """Return what of `bar` a preset missed."""
    return [
        words
        for words, met in (
            (f"more than {bar.share:.3f} of the script's time", share <= bar.share),
            (f"a mean below {bar.mean}", statistics.mean(accuracies) >= bar.mean),
            (f"a seed below {bar.each}", min(accuracies) >= bar.each),
        )
        if not met
    ]


def main(names: list[str]) -> int:
    """Train all, print the table and the bars; return the exit code."""
    trained: dict[str, list[Trained]] = {name: [] for name in (SCRIPT, *names)}
    for seed in range(max(SEEDS[name] for name in names)):
        for name, runs in trained.items():
            if seed < SEEDS.get(name, 1):
                runs.append(script() if name == SCRIPT else preset(name, seed))
                accuracy, seconds = runs[-1].accuracy, runs[-1].seconds
                print(f"{name}, seed {seed}: {accuracy:.4f} after {seconds:.1f} s", flush=True)
    rows, verdicts = [], []
    for name, runs in trained.items():
        accuracies = [run.accuracy for run in runs]
        mean, seconds = statistics.mean(accuracies), statistics.median(r.seconds for r in runs)
        share = seconds / trained[SCRIPT][0].seconds
        rows.append(
            [
                name, f"{mean:.4f}", f"{min(accuracies):.4f} to {max(accuracies):.4f}", len(runs),
                f"{seconds:.1f}", f"{share:.3f}",
            ]
        )  # fmt: skip
        if name in BARS:
            faults = missed(BARS[name], share, accuracies)
            said = f"MISSED: {', '.join(faults)}" if faults else "met"
            verdicts.append(f"bar of {name} ({BARS[name]}): {said}")
    header = ["", "test accuracy, mean", "range", "seeds", "training, s", "share of the script's"]
    print_table("Seconds of training, medians over the seeds", header, rows)
    print("", *verdicts, sep="\n")
    return int(any("MISSED" in line for line in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["default", "tuned", "fast"]))
