"""What happens around each epoch of Keras's `fit`: what is random, averaged, logged and kept."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnlab.errors import DivergedError
from nnlab.fashion import state
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.progress import Progress
from nnlab.fashion.schedule import Schedule
from nnlab.runs.run import Run

Logs = Mapping[str, float] | None

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


class Epochs(keras.callbacks.Callback):
    """Derives each epoch's randomness from (seed, epoch), shows progress, logs, and checkpoints.

    Attributes:
        progress: where training stands.
        images: in the training part.
    """

    def __init__(
        self, config: FashionConfig, progress: Progress, images: int, steps: int, run: Run
    ) -> None:
        super().__init__()
        self._schedule = Schedule(config, steps)
        self._not_averaged: list[Any] = []
        self.progress = progress
        self._config = config
        self.images = images
        self._run = run
        self._began = self._trained = 0.0
        self._loss = math.nan

    def order(self) -> NDArray[Any]:
        """Return the order in which the present epoch visits the images: indices, (images,)."""
        return state.order(self._config, self.images, self.progress.epoch)

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Say what takes the time until the first steps are done."""
        self._run.view.status("building the training step (some seconds) ...")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - Keras's name
        """Make the epoch's randomness known before its first batch."""
        self._began = time.perf_counter()
        state.seed_layers(self.model, self._config.seed, epoch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Show how far the epoch is; `batch` (from 0) is the last of those just executed.

        Under XLA the loss cannot stop at its first step that is not finite; then it stops here.
        """
        done = min((batch + 1) * self._config.batch_size, self.images)
        self._loss = logs["loss"] if logs else math.nan
        if logs and not math.isfinite(self._loss):
            raise DivergedError(int(self.model.optimizer.iterations), self._config.lr, self._loss)
        running = f"loss {logs['loss']:.4f} accuracy {logs['accuracy']:.4f}" if logs else ""
        unit = f"epoch {self.progress.epoch + 1}/{self._config.epochs}  {running}  images"
        self._run.view.progress(done, self.images, unit)
        self._run.signals.check()

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Go on from training to validation, of the averaged weights if there are any."""
        self._end_training()
        if self._config.ema is not None:
            self._not_averaged = [v.numpy() for v in self.model.trainable_variables]
            state.average(self.model)

    def on_test_end(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Go back to the weights that training goes on with, to the bit."""
        if self._config.ema is not None:
            trained = self.model.trainable_variables
            for variable, value in zip(trained, self._not_averaged, strict=True):
                variable.assign(value)

    def _end_training(self) -> None:
        """Stop the clock of the epoch's training, and see that the network is finite."""
        self._trained = time.perf_counter()
        if not all(np.isfinite(array).all() for array in state.weights(self.model).values()):
            step = int(self.model.optimizer.iterations)
            raise DivergedError(step, self._config.lr, self._loss, what="the network is")

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop if a signal came."""
        self._run.signals.check()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the epoch, keep its state, and stop where validation has long not become better."""
        logs = logs or {}
        validated = "val_accuracy" in logs
        if not validated:
            self._end_training()
        steps = int(self.model.optimizer.iterations)
        row = {
            "epoch": epoch + 1,
            **{name: float(logs[name]) for name in METRICS if name in logs},
            "lr": float(str(np.float32(self._schedule(steps - 1)))),  # 0.001, not its float32
            "seconds": round(self._run.elapsed(), 3),
            "images_per_second": round(self.images / (self._trained - self._began), 1),
        }
        self._run.log(row)
        self.progress = self.progress.after(row["val_accuracy"] if validated else None)
        best = self.progress.best_epoch == self.progress.epoch
        self._run.checkpoint(state.collect(self.model), self.progress, best=best)
        self.model.stop_training = self.progress.is_over(self._config)
