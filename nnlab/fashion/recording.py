"""The Keras callbacks at the end of an epoch: its row in metrics.csv, its checkpoint, and the stop.

When Keras calls them, and in which order: see `nnlab.fashion.callbacks`.
"""

import time
from collections.abc import Mapping

import keras
import numpy as np

from nnlab.fashion import state
from nnlab.fashion.progress import Training
from nnlab.fashion.schedule import Schedule

Logs = Mapping[str, float] | None

FROM_KERAS = ("loss", "accuracy", "val_loss", "val_accuracy")


class TrainingClock(keras.callbacks.Callback):
    """Measures the time that an epoch's training takes, without its validation.

    Attributes:
        seconds: Of the last epoch; known once its `on_epoch_end` was called.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds = self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - Keras's names
        """Start before the first batch."""
        self._began, self.seconds = time.perf_counter(), 0.0

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop before the validation."""
        self.seconds = time.perf_counter() - self._began

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop here if there was no validation."""
        self.seconds = self.seconds or time.perf_counter() - self._began


class LogEpoch(keras.callbacks.Callback):
    """Writes each epoch's row of metrics.csv."""

    def __init__(self, training: Training, clock: TrainingClock) -> None:
        super().__init__()
        self._training, self._clock = training, clock
        self._schedule = Schedule(training.config, training.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the metrics, the learning rate of the epoch's last step, and the times."""
        logs = logs or {}
        run, lr = self._training.run, self._schedule(int(self.model.optimizer.iterations) - 1)
        run.log({
            "epoch": epoch + 1,
            **{name: float(logs[name]) for name in FROM_KERAS if name in logs},
            "lr": float(str(np.float32(lr))),  # 0.001, not the nearest float32
            "seconds": round(run.elapsed(), 3),
            "images_per_second": round(self._training.images / self._clock.seconds, 1),
        })  # fmt: skip


class KeepCheckpoint(keras.callbacks.Callback):
    """Counts the epoch, and keeps a checkpoint of its end."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Update the progress and write the checkpoint."""
        training, accuracy = self._training, (logs or {}).get("val_accuracy")
        progress = training.progress.after(None if accuracy is None else float(accuracy))
        training.progress = progress
        best = progress.best_epoch == progress.epoch
        training.run.checkpoint(state.collect(self.model), progress, best=best)


class StopEarly(keras.callbacks.Callback):
    """Stops the training when `patience` epochs in a row were not better than the best."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Tell Keras whether to stop; `KeepCheckpoint` has counted this epoch already."""
        self.model.stop_training = self._training.progress.is_over(self._training.config)
