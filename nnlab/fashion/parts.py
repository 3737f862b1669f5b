"""A Sequential of Keras that computes the parts of a batch side by side."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import tensorflow as tf

from nnlab.fashion.batches import Resident
from nnlab.fashion.layers import WholeBatchNorm


class Network(keras.Sequential):
    """A Sequential that cuts each batch into `parts`, which run side by side.

    The loss is that of the whole batch, so the gradient is the same sum, only ordered by parts. The
    output is logits: the loss applies the softmax (`nnlab.fashion.network`).

    Attributes:
        parts: into how many a batch is cut.
        mirrored: outside training, the probabilities are the mean of those of an image and its
            mirror image (test-time augmentation).
        images: those that `fit` is given the indices of.
    """

    def __init__(self, layers: list[Any], parts: int, *, mirrored: bool = False) -> None:
        super().__init__(layers, name="network")  # the name is part of the names in a checkpoint
        self.parts = parts
        self.mirrored = mirrored
        self.images: Resident | None = None

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:  # noqa: ARG002
        """Return the logits of the classes, (batch, 10): their softmax is the probabilities.

        Args:
            inputs: images, (batch, 28, 28, 1), or in `fit` indices of those in `images`, (batch,).
            training: whether layers augment, drop and take statistics of the batch.
            mask: none; Keras's name.
        """
        if self.images and inputs.shape.rank == 1:
            inputs = self.images[inputs]
        logits = self._in_parts(inputs, training=training)
        if self.mirrored and not training:
            logits = log_mean(logits, self._in_parts(inputs[:, :, ::-1], training=training))
        return logits

    def _in_parts(self, inputs: Any, *, training: bool | None) -> Any:
        """Return the logits of `inputs`, whose parts wait for each other only where they must."""
        if self.parts == 1:
            return self._through([inputs], training=training)[0]
        # TensorFlow's kernels refuse an empty part: a last batch of few images is filled up, and
        # what comes of the filling is cut off, which leaves it without a gradient. `train` takes no
        # more parts than its last batch has images, so that no statistics see the filling.
        count = tf.shape(inputs)[0]
        filling = tf.repeat(inputs[:1], tf.maximum(self.parts - count, 0), axis=0)
        filled = tf.concat([inputs, filling], axis=0)
        cuts = [tf.shape(filled)[0] * i // self.parts for i in range(self.parts + 1)]
        pieces = [filled[a:b] for a, b in pairwise(cuts)]
        return tf.concat(self._through(pieces, training=training), axis=0)[:count]

    def _through(self, pieces: Sequence[Any], *, training: bool | None) -> Sequence[Any]:
        for layer in self.layers:
            if training and isinstance(layer, WholeBatchNorm) and len(pieces) > 1:
                pieces = layer.over_parts(pieces)
            else:
                pieces = [layer(piece) for piece in pieces]  # Keras hands `training` on
        return pieces


def log_mean(one: Any, other: Any) -> Any:
    """Return log((p + q) / 2), (batch, classes), for the probabilities p and q of two logits.

    The logarithms of probabilities are logits: their softmax is the probabilities again.
    """
    log_p, log_q = tf.nn.log_softmax(one), tf.nn.log_softmax(other)
    return tf.reduce_logsumexp([log_p, log_q], axis=0) - math.log(2)
