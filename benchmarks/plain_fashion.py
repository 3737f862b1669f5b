"""The assignment's script in plain Keras, without settings; only the data come from nnlab.

    python benchmarks/plain_fashion.py EPOCHS [SEED [IMAGES]]

Prints a JSON list with one object per epoch: its `seconds`, the `training_seconds` among them, and
the `test_accuracy` after it; the time of the test is not counted. With IMAGES it trains only on the
first IMAGES images, and neither validates nor tests. KERAS_BACKEND=jax runs it on JAX.
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
    """Return the images as the script passes them to Keras."""
    return (pixels[..., None] / 255).astype("float32")


class Clock(keras.callbacks.Callback):
    """Measures the times of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[dict[str, float]] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Start the clock."""
        self.began = time.perf_counter()
        self.trained = 0.0

    def on_test_begin(self, logs: object = None) -> None:  # noqa: ARG002
        """Record the training time; validation follows."""
        self.trained = self.trained or time.perf_counter() - self.began

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Stop the clock, then test."""
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
