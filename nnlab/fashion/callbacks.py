"""What happens around each epoch of Keras's `fit`: order, dropout, log, checkpoint, early stop."""

import math
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnlab import seeds
from nnlab.errors import DivergedError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.model import seed_dropout, state, weights
from nnlab.fashion.progress import Progress
from nnlab.run import Run

Logs = Mapping[str, float] | None


class Epochs(keras.callbacks.Callback):
    """Derives each epoch's randomness from (seed, epoch), shows progress, logs, and checkpoints.

    Attributes:
        progress: where training stands.
        images: in the training part.
    """

    def __init__(self, config: FashionConfig, progress: Progress, images: int, run: Run) -> None:
        super().__init__()
        self.progress = progress
        self._config = config
        self.images = images
        self._run = run
        self._began = self._trained = 0.0
        self._loss = math.nan

    def order(self) -> NDArray[Any]:
        """Return the order in which the present epoch visits the images: indices, (images,)."""
        if not self._config.shuffle:
            return np.arange(self.images)
        order = seeds.generator(self._config.seed, seeds.Purpose.ORDER, self.progress.epoch)
        return order.permutation(self.images)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - Keras's name
        """Make the epoch's dropout known before its first batch."""
        self._began = time.perf_counter()
        seed_dropout(self.model, self._config.seed, epoch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Show how far the epoch is; `batch` (from 0) is the last of those just executed."""
        done = min((batch + 1) * self._config.batch_size, self.images)
        self._loss = logs["loss"] if logs else math.nan
        running = f"loss {logs['loss']:.4f} accuracy {logs['accuracy']:.4f}" if logs else ""
        unit = f"epoch {self.progress.epoch + 1}/{self._config.epochs}  {running}  images"
        self._run.view.progress(done, self.images, unit)
        self._run.signals.check()

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop the clock of training: what follows is validation, of a network that is finite."""
        self._trained = time.perf_counter()
        if not all(np.isfinite(array).all() for array in weights(self.model).values()):
            step = int(self.model.optimizer.iterations)
            raise DivergedError(step, self._config.lr, self._loss, what="the network is")

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop if a signal came."""
        self._run.signals.check()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the epoch, keep its state, and stop where validation has long not become better."""
        logs = logs or {}
        metrics = ("loss", "accuracy", "val_loss", "val_accuracy")
        row = {
            "epoch": epoch + 1,
            **{name: float(logs[name]) for name in metrics},
            "lr": float(str(self.model.optimizer.learning_rate.numpy())),  # 0.001, not its float32
            "seconds": round(self._run.elapsed(), 3),
            "images_per_second": round(self.images / (self._trained - self._began), 1),
        }
        self._run.log(row)
        self.progress = self.progress.after(row["val_accuracy"])
        best = self.progress.best_epoch == self.progress.epoch
        self._run.checkpoint(state(self.model), self.progress, best=best)
        self.model.stop_training = self.progress.is_over(self._config)
