"""The assignment's script in plain Keras: no settings, nothing of nnlab but its data.

    python benchmarks/plain_fashion.py EPOCHS [SEED [IMAGES]]

Prints a JSON list, an object an epoch: its `seconds`, those of its training alone
(`training_seconds`), and the `test_accuracy` after it, which no clock counts. With IMAGES it trains
on the first so many alone, and neither validates nor tests. KERAS_BACKEND=jax runs it on JAX.
"""

import json
import sys
import time
from typing import Any

import keras
from keras import layers

from nnlab.fashion.data import load

epochs, seed, images = (*map(int, sys.argv[1:]), 0, 0)[:3]
data = load("full")


def floats(pixels: Any) -> Any:
    """Return images as the script gives them to Keras."""
    return (pixels[..., None] / 255).astype("float32")


class Clock(keras.callbacks.Callback):
    """Takes the times of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Start the clock."""
        self.began = time.perf_counter()
        self.trained = 0.0

    def on_test_begin(self, logs: object = None) -> None:  # noqa: ARG002
        """Take the time of training; what follows is validation."""
        self.trained = self.trained or time.perf_counter() - self.began

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Stop the clock, and test."""
        taken = time.perf_counter() - self.began
        row = {"seconds": taken, "training_seconds": self.trained or taken}
        if not images:
            row["test_accuracy"] = self.model.evaluate(x_test, data.y_test, verbose=0)[1]
        self.epochs.append(row)


keras.utils.set_random_seed(seed)
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(64, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
        layers.Conv2D(32, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
clock = Clock()
x_test = floats(data.x_test)
model.fit(
    floats(data.x_train[: images or None]),
    data.y_train[: images or None],
    epochs=epochs,
    validation_split=0.0 if images else 0.2,
    callbacks=[clock],
    verbose=0,
)
print(json.dumps(clock.epochs))
