"""What each of `nnlab fashion`'s settings is worth: milliseconds of a training step without it.

    python benchmarks/fashion_steps.py

Each variant is a process of its own (threads are set once a process), five rounds in turn.
"""

import json
import statistics
import subprocess
import sys
import time

from timing import print_table

VARIANTS = {
    "nnlab": "{}",
    "one part, TensorFlow's own threads": '{"parts": 1}',
    "two parts, two threads an operation": '{"intra": 2}',
    "Keras's dropout": '{"dropout": "keras"}',
    "1 step an execution": '{"steps": 1}',
    "10 steps an execution": '{"steps": 10}',
    "without determinism": '{"deterministic": false}',
    "oneDNN off": '{"onednn": "0"}',
    "XLA": '{"xla": true}',
    "none of it (TensorFlow's own threads, Keras's dropout, 1 step)": (
        '{"parts": 1, "dropout": "keras", "steps": 1}'
    ),
}
ROUNDS, STEPS = 5, 300


def child(parts: int = 2, intra: int = 1, dropout: str = "bits", steps: int = 50, *,
          onednn: str = "1", xla: bool = False, deterministic: bool = True) -> float:  # fmt: skip
    """Return the milliseconds of a training step of one variant, after a warm-up."""
    import os

    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": onednn}
    import keras
    import numpy as np
    import tensorflow as tf

    from nnlab.fashion import batches, data, model
    from nnlab.fashion.config import FashionConfig

    if parts > 1:
        tf.config.threading.set_intra_op_parallelism_threads(intra)
        tf.config.threading.set_inter_op_parallelism_threads(parts)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    if dropout == "keras":
        keras.utils.set_random_seed(0)  # as determinism wants it
        model.BitDropout = keras.layers.Dropout  # type: ignore[misc]
    model.STEPS_PER_EXECUTION = steps
    network = model.build(FashionConfig(), parts)
    network.jit_compile = xla
    full = data.load("full")
    count = (20 if xla else STEPS) * 32
    x, y = full.x_train[:count], full.y_train[:count]
    train = batches.in_orders(x, y, 32, lambda: np.arange(count))
    network.fit(train, epochs=1, verbose=0, shuffle=False)
    begin = time.perf_counter()
    network.fit(train, epochs=1, verbose=0, shuffle=False)
    return 1000 * (time.perf_counter() - begin) / (count / 32)


def main() -> None:
    """Print the table, or, with a variant as the argument, its milliseconds."""
    if len(sys.argv) > 1:
        print(child(**json.loads(sys.argv[1])))
        return
    taken: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for _ in range(ROUNDS):
        for name, variant in VARIANTS.items():
            done = subprocess.run(
                [sys.executable, __file__, variant], check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            taken[name].append(float(done.stdout))
    ms = {name: statistics.median(values) for name, values in taken.items()}
    rows = [[name, f"{ms[name]:.2f}", f"{ms[name] / ms['nnlab']:.2f}"] for name in VARIANTS]
    header = ["variant", "ms a step", "against nnlab"]
    print_table("A training step of 32 images on 2 cores, medians of 5", header, rows)


if __name__ == "__main__":
    main()
