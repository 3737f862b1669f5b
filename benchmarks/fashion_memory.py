"""Measure what `nnlab fashion` does for its memory: processor seconds and peak memory without it.

    python benchmarks/fashion_memory.py

Each variant has its own process, because a peak belongs to a process. They run in turn.
"""

import gc
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from timing import print_table

LOADING = {
    "nnlab's commands": "guard rest",
    "the collector at work": "guard",
    "scikit-learn and pyplot loaded": "rest",
    "neither": "",
}
EVALUATING = {
    "50 images at a time": "50",
    "the whole batch of 500": "500",
    "the whole batch, Keras's predict": "500 keras",
}
ROUNDS = 3


def load(variant: str) -> list[float]:
    """Return the processor seconds and the peak in MB of importing Keras with TensorFlow."""
    if "guard" in variant:
        from nnlab.cli.guard import prepare

        prepare()
    if "rest" in variant:
        gc.disable()  # as nnlab.fashion.device does
    begin = time.process_time()
    import keras  # noqa: F401
    import tensorflow as tf  # noqa: F401

    return [time.process_time() - begin, memory("VmHWM")]


def evaluate(variant: str) -> list[float]:
    """Return the seconds of the first and a later test, and the memory that they add, in MB."""
    from nnlab.console.view import Silent
    from nnlab.fashion import data, parts
    from nnlab.fashion.config import FashionConfig
    from nnlab.fashion.device import load_tensorflow

    dataset, config = data.load("full"), FashionConfig(device="cpu")
    load_tensorflow(config, Silent())
    from nnlab.fashion import batches
    from nnlab.fashion import network as networks

    vars(parts)["TOGETHER"] = int(variant.split(maxsplit=1)[0])
    network = networks.build(config, 2)
    networks.compile_for_training(network, config, steps=1)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before, seconds = memory("VmRSS"), []
    for _ in range(2):
        begin = time.process_time()
        if "keras" in variant:
            test = batches.evaluation_batches(dataset.x_test, dataset.y_test)
            network.predict(test, verbose=0)
        else:
            batches.logits_of(network, dataset.x_test)
        seconds.append(time.process_time() - begin)
    return [*seconds, memory("VmHWM") - before]


def memory(which: str) -> float:
    """Return a number of MB that Linux tells about this process."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(rf"{which}:\s+(\d+) kB", status)[0]) / 1024


def medians(function: str, variants: dict[str, str]) -> list[list[str]]:
    """Return the rows of a table: the medians of what `function` measures for each variant."""
    measured: dict[str, list[list[float]]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, variant in variants.items():
            done = subprocess.run(
                [sys.executable, __file__, function, variant], check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            measured[name].append(json.loads(done.stdout))
    rows = []
    for name, rounds in measured.items():
        *seconds, peak = map(statistics.median, zip(*rounds, strict=True))
        rows.append([name, *(f"{value:.2f}" for value in seconds), f"{peak:.0f}"])
    return rows


def main() -> None:
    """Print the tables; or, in a process of its own, what one variant costs."""
    if sys.argv[1:]:
        function, variant = sys.argv[1:]
        print(json.dumps((load if function == "load" else evaluate)(variant)))
        return
    header = ["", "processor seconds", "peak memory, MB"]
    print_table(f"Importing Keras, medians of {ROUNDS}", header, medians("load", LOADING))
    header = ["", "first test, s", "later, s", "memory it adds, MB"]
    title = f"A test on 10,000 images, processor seconds, medians of {ROUNDS}"
    print_table(title, header, medians("evaluate", EVALUATING))


if __name__ == "__main__":
    main()
