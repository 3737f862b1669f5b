"""Divergence: everything that turns a loss or a weight that is not finite into a DivergedError.

There are three checks, because no single one sees every case:

1. `check_finite` stops within the step that computes the loss. XLA leaves such checks out.
2. `StopWhenDiverged.on_train_batch_end` checks the mean loss of the epoch so far, also under XLA.
3. At the end of an epoch's training, `StopWhenDiverged` checks the weights. The last step can make
   them infinite after its loss was computed.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nnlab.errors import DivergedError
from nnlab.fashion import state
from nnlab.fashion.parts import Network

LOSS = "the loss"  # the name of the checked tensor in TensorFlow's error message


def check_finite(losses: Any) -> Any:
    """Return the tensor `losses`, with a check that raises InvalidArgumentError in TensorFlow."""
    return tf.debugging.check_numerics(losses, LOSS)


@contextmanager
def diverged_errors(network: Network, lr: float) -> Iterator[None]:
    """Raise DivergedError where `check_finite` failed within the `with` block."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if LOSS not in error.message:
            raise
        loss = math.nan if "NaN" in error.message else math.inf
        raise DivergedError(_steps(network) + 1, lr, loss) from None


class StopWhenDiverged(keras.callbacks.Callback):
    """Checks the loss after each execution of steps, and the weights after each epoch's training.

    Raises:
        DivergedError: the loss or a weight is not finite.
    """

    def __init__(self, lr: float) -> None:
        super().__init__()
        self._lr = lr
        self._loss = math.nan  # the last one that Keras reported

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Check the loss. Keras calls this after `network.STEPS_PER_EXECUTION` steps."""
        self._loss = logs["loss"] if logs else math.nan
        if logs and not math.isfinite(self._loss):
            raise DivergedError(_steps(self.model), self._lr, self._loss)

    def on_test_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Check the weights. Keras calls this after the epoch's training, before validation."""
        self._check_weights()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Check the weights if there was no validation, and so no `on_test_begin`."""
        if not logs or "val_loss" not in logs:
            self._check_weights()

    def _check_weights(self) -> None:
        if not all(np.isfinite(array).all() for array in state.weights(self.model).values()):
            raise DivergedError(_steps(self.model), self._lr, self._loss, what="the network is")


def _steps(network: Any) -> int:
    """Return the number of steps done."""
    return int(network.optimizer.iterations)
