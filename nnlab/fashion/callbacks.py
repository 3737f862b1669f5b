"""What happens around each epoch of Keras's `fit`: its order, its dropout, its row in the log."""

import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnlab import seeds
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.model import seed_dropout
from nnlab.run import Run

Logs = Mapping[str, float] | None


class Epochs(keras.callbacks.Callback):
    """Derives each epoch's randomness from (seed, epoch), shows progress, and logs the epoch.

    Attributes:
        history: the rows logged.
    """

    def __init__(self, config: FashionConfig, images: int, run: Run) -> None:
        super().__init__()
        self.history: list[dict[str, float]] = []
        self._config = config
        self._images = images
        self._run = run
        self._epoch = 0
        self._began = self._trained = 0.0

    def order(self) -> NDArray[Any]:
        """Return the order in which the present epoch visits the images: indices, (images,)."""
        if not self._config.shuffle:
            return np.arange(self._images)
        order = seeds.generator(self._config.seed, seeds.Purpose.ORDER, self._epoch)
        return order.permutation(self._images)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - Keras's name
        """Make the epoch's order and dropout known before its first batch."""
        self._epoch = epoch
        self._began = time.perf_counter()
        seed_dropout(self.model, self._config.seed, epoch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Show how far the epoch is; `batch` (from 0) is the last of those just executed."""
        done = min((batch + 1) * self._config.batch_size, self._images)
        running = f"loss {logs['loss']:.4f} accuracy {logs['accuracy']:.4f}" if logs else ""
        unit = f"epoch {self._epoch + 1}/{self._config.epochs}  {running}  images"
        self._run.view.progress(done, self._images, unit)

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop the clock of training: what follows is validation."""
        self._trained = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the epoch."""
        logs = logs or {}
        metrics = ("loss", "accuracy", "val_loss", "val_accuracy")
        row = {
            "epoch": epoch + 1,
            **{name: float(logs[name]) for name in metrics},
            "lr": float(str(self.model.optimizer.learning_rate.numpy())),  # 0.001, not its float32
            "seconds": round(self._run.elapsed(), 3),
            "images_per_second": round(self._images / (self._trained - self._began), 1),
        }
        self.history.append(row)
        self._run.log(row)
