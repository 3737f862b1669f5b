"""The Keras callbacks of a training; each does one job.

Keras calls the callbacks in the order of `make_callbacks`, at each of these points:

    on_train_begin                     once
    in each epoch:
        on_epoch_begin                 before its first batch
        on_train_batch_end             after every `network.STEPS_PER_EXECUTION` steps
        on_test_begin, on_test_end     before and after the validation, if there is one
        on_test_batch_end              during the validation
        on_epoch_end                   after the validation
"""

from collections.abc import Callable
from typing import Any

import keras

from nnlab.fashion import state
from nnlab.fashion.data import Dataset
from nnlab.fashion.divergence import StopWhenDiverged
from nnlab.fashion.progress import Training
from nnlab.fashion.recording import KeepCheckpoint, LogEpoch, Logs, StopEarly, TrainingClock
from nnlab.runs.signals import Signals


def make_callbacks(training: Training) -> list[Any]:
    """Return the callbacks in the order in which Keras must call them.

    The clock stops before anything else is done at the end of an epoch's training. The weights are
    checked before the epoch is logged, and it is logged before its checkpoint is written, because
    the checkpoint counts the rows of the log. The pause comes last, so that it repeats no epoch.
    """
    clock, config, run = TrainingClock(), training.config, training.run
    return [
        clock,
        SeedEpoch(config.seed),
        StopWhenDiverged(config.lr),
        ShowProgress(training),
        CheckSignals(run.signals),
        *([] if config.ema is None else [ValidateAverages()]),
        LogEpoch(training, clock),
        KeepCheckpoint(training),
        StopEarly(training),
        Pause(training),
    ]


class SeedEpoch(keras.callbacks.Callback):
    """Makes the dropout and augmentation of an epoch depend on (seed, epoch) only."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Seed the layers before the first batch."""
        state.seed_layers(self.model, self._seed, epoch)


class ShowProgress(keras.callbacks.Callback):
    """Shows how far the epoch is, with its loss and accuracy so far."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Say what takes the time until the first steps are done."""
        self._training.run.view.status("building the training step (some seconds) ...")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Update the display; `batch` (from 0) is the last batch that is done."""
        training = self._training
        done = min((batch + 1) * training.config.batch_size, training.images)
        running = f"loss {logs['loss']:.4f} accuracy {logs['accuracy']:.4f}" if logs else ""
        unit = f"epoch {training.progress.epoch + 1}/{training.config.epochs}  {running}  images"
        training.run.view.progress(done, training.images, unit)


class CheckSignals(keras.callbacks.Callback):
    """Stops the training if a signal such as Ctrl-C came; the run holds signals back until here."""

    def __init__(self, signals: Signals) -> None:
        super().__init__()
        self._signals = signals

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop between two training steps."""
        self._signals.check()

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop between two batches of the validation."""
        self._signals.check()


class Pause(keras.callbacks.Callback):
    """Pauses the training after an epoch, if the run should pause there; its checkpoint exists."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Stop, unless the training is over anyway."""
        if not self._training.progress.is_over(self._training.config):
            self._training.run.pause()


class ValidateAverages(keras.callbacks.Callback):
    """Validates the averaged weights (`ema`), then trains on with the weights themselves."""

    def __init__(self) -> None:
        super().__init__()
        self._weights: list[Any] = []

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Keep the weights, and replace them by their averages."""
        self._weights = [v.numpy() for v in self.model.trainable_variables]
        state.average(self.model)

    def on_test_end(self, logs: Logs = None) -> None:  # noqa: ARG002
        """Put the weights back, bit for bit."""
        for variable, value in zip(self.model.trainable_variables, self._weights, strict=True):
            variable.assign(value)


class Watched(keras.callbacks.Callback):
    """Lets somebody look at the network after each epoch, with the averages of its weights (`ema`).

    Args:
        watch: Called with the number of epochs done, the network and `dataset`.
        dataset: The data.
    """

    def __init__(self, watch: Callable[[int, Any, Dataset], None], dataset: Dataset) -> None:
        super().__init__()
        self._watch, self._dataset = watch, dataset

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002
        """Show the network; `epoch` counts from 0."""
        weights = [v.numpy() for v in self.model.trainable_variables]
        state.average(self.model)
        self._watch(epoch + 1, self.model, self._dataset)
        for variable, value in zip(self.model.trainable_variables, weights, strict=True):
            variable.assign(value)
