"""Compare `nnlab fashion` with a plain Keras script and with other libraries.

    python benchmarks/fashion.py
    python benchmarks/fashion.py steps    only the second table
    ONEDNN_MAX_CPU_ISA=AVX2 python benchmarks/fashion.py steps    as without AVX-512

All train the assignment's network. Prints two tables. The first compares whole epochs, with their
validation, of the plain script and of nnlab. The second compares the milliseconds of a training
step of both, and of PyTorch and Keras on JAX where they are installed, with the time that the
step's multiplications would take in one large matrix product. Each alternative has its own process,
because they set up their libraries differently; they run in turn.
"""

import csv
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from timing import print_table

PROCESSES, EPOCHS = 3, 3
ROUNDS, STEPS, BATCH = 5, 300, 32
HERE = Path(__file__).parent
# Multiplications for one image: forward, then twice as many backward, but for the images' gradient.
CONV1, REST = 28 * 28 * 4 * 64, 14 * 14 * 4 * 64 * 32 + 7 * 7 * 32 * 128 + 128 * 10
FLOP_A_STEP = 2 * BATCH * (2 * CONV1 + 3 * REST)
BARS = {"with AVX-512": 0.58, "without AVX-512": 0.45}  # nnlab's step / the plain script's, at most


def script(name: str, *arguments: int, **environment: str) -> list[float]:
    """Return the seconds of each epoch of a script in this folder."""
    done = subprocess.run(
        [sys.executable, str(HERE / name), *map(str, arguments)],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | environment,
    )  # fmt: skip
    return [epoch["seconds"] for epoch in json.loads(done.stdout.splitlines()[-1])]


def nnlab(*options: str) -> list[float]:
    """Return the seconds of each epoch of nnlab, from its metrics.csv."""
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        command = [sys.executable, "-m", "nnlab", "fashion", "--run-dir", run, "--quiet", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with Path(run, "metrics.csv").open(newline="") as file:
            ends = [0.0, *(float(row["seconds"]) for row in csv.DictReader(file))]
    return [end - start for start, end in pairwise(ends)]


def whole_epochs() -> None:
    """Print the table of whole epochs."""
    ways: dict[str, Callable[[], list[float]]] = {
        "plain script": lambda: script("plain_fashion.py", EPOCHS),
        "nnlab fashion": lambda: nnlab("--epochs", str(EPOCHS)),
    }
    seconds: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(PROCESSES):
        for name, run in ways.items():
            seconds[name].append(run())
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
        print(f"nnlab / plain, {name} epochs: {taken['nnlab fashion'] / taken['plain script']:.2f}")
    count = PROCESSES * (EPOCHS - 1)
    title = f"An epoch with its validation: medians of {PROCESSES} first and {count} later epochs"
    print_table(title, ["", "first epoch, s", "later epochs, s", "images per second"], rows)


def peak_flops() -> float:
    """Return the floating-point operations per second of a large float32 matrix product."""
    a = np.ones((4096, 4096), np.float32)
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        a @ a
        taken.append(time.perf_counter() - begin)
    return float(2 * 4096**3 / statistics.median(taken))


def instructions() -> str:
    """Return the row of BARS for what oneDNN computes with here."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    allowed = "AVX512" in os.environ.get("ONEDNN_MAX_CPU_ISA", "AVX512")
    return "with AVX-512" if "avx512f" in flags and allowed else "without AVX-512"


def steps() -> None:
    """Print the table of a training step."""
    images = STEPS * BATCH
    kind = instructions()
    # Without AVX-512 TensorFlow leaves oneDNN off: this is for a processor that only emulates that.
    plain = {} if kind == "with AVX-512" else {"TF_ENABLE_ONEDNN_OPTS": "0"}
    # The command line cannot train on part of the data, so fashion_steps.py takes nnlab's steps.
    ways: dict[str, Callable[[], list[float]]] = {
        "plain script": lambda: script("plain_fashion.py", 2, 0, images, **plain),
        "nnlab": lambda: script("fashion_steps.py", STEPS),
    }
    if importlib.util.find_spec("torch"):
        ways["PyTorch"] = lambda: script("torch_fashion.py", images)
    if importlib.util.find_spec("jax"):
        ways["Keras on JAX"] = lambda: script("plain_fashion.py", 2, 0, images, KERAS_BACKEND="jax")
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            taken[name].append(run()[-1] / STEPS)
    bound = FLOP_A_STEP / peak_flops()
    seconds = {name: statistics.median(values) for name, values in taken.items()}
    ratio = seconds["nnlab"] / seconds["plain script"]
    print(f"nnlab / plain script, a step {kind}: {ratio:.3f} (bar: at most {BARS[kind]})")
    rows = [
        [
            name, f"{1000 * s:.2f}", f"{BATCH / s:,.0f}", f"{s / seconds['plain script']:.2f}",
            f"{s / bound:.1f}",
        ]
        for name, s in seconds.items()
    ]  # fmt: skip
    title = (
        f"A training step of {BATCH} images, medians of {ROUNDS}; "
        f"its {FLOP_A_STEP / 1e6:.0f} MFLOP in one matrix product: {1000 * bound:.2f} ms"
    )
    header = ["", "ms per step", "images per second", "times the plain script", "times the product"]
    print_table(title, header, rows)


if __name__ == "__main__":
    if sys.argv[1:] != ["steps"]:
        whole_epochs()
    steps()
