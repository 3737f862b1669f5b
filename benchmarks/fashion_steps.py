"""Measure each setting of `nnlab fashion`: milliseconds of a training step without it.

    python benchmarks/fashion_steps.py
    python benchmarks/fashion_steps.py mixed Adam    only nnlab and the variants with these words

Each variant has its own process, because the number of threads is set once per process. They run
in turn, five rounds.
"""

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from timing import print_table

VARIANTS = {
    "nnlab": "{}",
    "one part, TensorFlow's own threads": '{"parts": 1}',
    "four parts": '{"parts": 4}',
    "two parts, two threads per operation": '{"intra": 2}',
    "Keras's dropout": '{"dropout": "keras"}',
    "1 step per execution": '{"steps": 1}',
    "10 steps per execution": '{"steps": 10}',
    "Keras's Adam": '{"adam": "keras"}',
    "Keras's gradient of convolution, relu and pooling": '{"pooled": false}',
    "without determinism": '{"deterministic": false}',
    "oneDNN off": '{"onednn": "0"}',
    "XLA": '{"xla": true}',
    "mixed_float16": '{"precision": "mixed_float16"}',
    "mixed_bfloat16": '{"precision": "mixed_bfloat16"}',
    "none of it (TensorFlow's own threads, 1 step, all of Keras)": (
        '{"parts": 1, "steps": 1, "dropout": "keras", "adam": "keras", "pooled": false}'
    ),
}
ROUNDS, STEPS, BATCH = 5, 300, 32
SLOW = ("xla", "mixed")  # these take fewer steps


USUAL: dict[str, Any] = {
    "parts": 2, "intra": 1, "dropout": "bits", "steps": 50, "onednn": "1", "xla": False,
    "deterministic": True, "adam": "fused", "pooled": True, "precision": "float32", "count": STEPS,
}  # fmt: skip


def child(variant: dict[str, Any]) -> float:
    """Return the seconds of `count` training steps of one variant, after a warm-up."""
    import os

    use = USUAL | variant
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": use["onednn"]}
    import numpy as np
    import tensorflow as tf

    if use["parts"] > 1:
        tf.config.threading.set_intra_op_parallelism_threads(use["intra"])
        tf.config.threading.set_inter_op_parallelism_threads(2)  # cores
    if use["deterministic"] and not use["xla"]:  # Keras supports only one of them
        tf.config.experimental.enable_op_determinism()
    from nnlab.fashion import batches, data

    full = data.load("full")
    network = build(use)
    images = use["count"] * BATCH
    network.images = batches.DeviceImages(full.x_train[:images], "CPU:0")
    train = batches.training_batches(full.y_train[:images], BATCH, lambda: np.arange(images))
    network.fit(train, epochs=1, verbose=0, shuffle=False)
    begin = time.perf_counter()
    network.fit(train, epochs=1, verbose=0, shuffle=False)
    return time.perf_counter() - begin


def build(use: dict[str, Any]) -> Any:
    """Return nnlab's network with the changes of a variant."""
    import keras

    from nnlab.fashion import network as networks
    from nnlab.fashion import optimizer, parts
    from nnlab.fashion.config import FashionConfig

    exchanged: dict[str, Any] = {"STEPS_PER_EXECUTION": min(use["steps"], use["count"])}
    if use["dropout"] == "keras":
        keras.utils.set_random_seed(0)  # deterministic operations require a seed
        exchanged["BitDropout"] = keras.layers.Dropout
    if use["adam"] == "keras":
        vars(optimizer)["FusedAdam"] = keras.optimizers.Adam
    if not use["pooled"]:
        vars(parts)["can_pool"] = lambda *_: False
    vars(networks).update(exchanged)
    config = FashionConfig(precision=use["precision"], batch_size=BATCH)
    network = networks.build(config, use["parts"])
    networks.compile_for_training(network, config, steps=1, jit_compile=use["xla"])
    return network


def main() -> None:
    """Print the table; or, with a variant or a number of steps of nnlab, their seconds."""
    words = sys.argv[1:]
    if words and words[0][0] in "{0123456789":
        variant = json.loads(words[0])
        seconds = child(variant if isinstance(variant, dict) else {"count": variant})
        print(json.dumps([{"seconds": seconds}]))
        return
    chosen = {
        name: variant
        for name, variant in VARIANTS.items()
        if name == "nnlab" or not words or any(word in name for word in words)
    }
    taken: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in range(ROUNDS):
        for name, variant in chosen.items():
            count = 20 if any(word in variant for word in SLOW) else STEPS
            arguments = json.dumps(json.loads(variant) | {"count": count})
            done = subprocess.run(
                [sys.executable, __file__, arguments], check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            taken[name].append(1000 * json.loads(done.stdout)[0]["seconds"] / count)
    ms = {name: statistics.median(values) for name, values in taken.items()}
    rows = [[name, f"{ms[name]:.2f}", f"{ms[name] / ms['nnlab']:.2f}"] for name in chosen]
    header = ["variant", "ms per step", "times nnlab"]
    print_table("A training step of 32 images on 2 cores, medians of 5", header, rows)


if __name__ == "__main__":
    main()
