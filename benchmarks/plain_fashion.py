"""The assignment's network in a plain Keras script: no settings, nothing of nnlab but its data.

    python benchmarks/plain_fashion.py EPOCHS

Prints the seconds of each epoch, validation included, as a JSON list.
"""

import json
import sys
import time

import keras
from keras import layers

from nnlab.fashion.data import load


class Clock(keras.callbacks.Callback):
    """Takes the time of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Start the clock."""
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Stop the clock."""
        self.seconds.append(time.perf_counter() - self.began)


data = load("full")
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
model.fit(
    (data.x_train[..., None] / 255).astype("float32"),
    data.y_train,
    epochs=int(sys.argv[1]),
    validation_split=0.2,
    callbacks=[clock],
    verbose=0,
)
print(json.dumps(clock.seconds))
