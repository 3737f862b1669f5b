"""A Keras Sequential that computes the parts of a batch in parallel."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import tensorflow as tf

from nnlab.fashion.batches import DeviceImages
from nnlab.fashion.layers import WholeBatchNorm
from nnlab.fashion.pooled import can_pool, conv_relu_pool
from nnlab.fashion.residual import Shortcut
from nnlab.fashion.tta import log_mean, views

TOGETHER = 50  # images that a network evaluates at a time: their activations fit into the cache


class Network(keras.Sequential):
    """A Sequential that divides each batch into `parts`, which run in parallel.

    The loss is that of the whole batch, so the gradient is the same sum in another order. The
    output is logits: the loss applies the softmax (`nnlab.fashion.network`).

    Attributes:
        parts: Number of parts that each batch is divided into.
        mirrored, moved: Which views of an image are averaged outside training: its mirror image;
            the image moved by so many pixels, where that is not 0 (`nnlab.fashion.tta`).
        images: The training images; `fit` gets indices into them.
    """

    def __init__(
        self, layers: list[Any], parts: int, *, mirrored: bool = False, moved: int = 0
    ) -> None:
        super().__init__(layers, name="network")  # the name is part of the names in a checkpoint
        self.parts = parts
        self.mirrored, self.moved = mirrored, moved
        self.images: DeviceImages | None = None

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:  # noqa: ARG002
        """Return the logits of the classes, (batch, classes): their softmax is the probabilities.

        Args:
            inputs: Images, (batch, side, side, 1), or in `fit` indices into `images`, (batch,).
            training: Whether the layers augment, drop, and use the statistics of the batch.
            mask: Not used; Keras's interface has it.
        """
        if self.images and inputs.shape.rank == 1:
            inputs = self.images[inputs]
        at_once = training or self.parts == 1 or tf.executing_eagerly()
        through = self._in_parts if at_once else self._few_at_a_time
        if training or not (self.mirrored or self.moved):
            return through(inputs, training=training)
        several = views(inputs, mirrored=self.mirrored, pixels=self.moved)
        return log_mean([through(view, training=training) for view in several])

    def _few_at_a_time(self, inputs: Any, *, training: bool | None) -> Any:
        """Return the logits of `inputs`, of TOGETHER images after each other.

        Outside training the logits of an image do not depend on other images. The activations of a
        whole batch would not fit into the processor's cache (docs/performance.md).
        """
        count = tf.shape(inputs)[0]
        filling = tf.zeros([-count % TOGETHER, *inputs.shape[1:]], inputs.dtype)
        groups = tf.reshape(tf.concat([inputs, filling], axis=0), [-1, TOGETHER, *inputs.shape[1:]])
        logits = tf.map_fn(
            lambda group: self._in_parts(group, training=training), groups,
            fn_output_signature=tf.float32, parallel_iterations=1,
        )  # (groups, TOGETHER, classes)  # fmt: skip
        return tf.reshape(logits, [-1, self.output_shape[-1]])[:count]

    def _in_parts(self, inputs: Any, *, training: bool | None) -> Any:
        """Return the logits of `inputs`; only batch normalization waits for all parts."""
        logits = self._through(self.pieces(inputs), training=training)
        if self.parts == 1:
            return logits[0]
        return tf.concat(logits, axis=0)[: tf.shape(inputs)[0]]

    def pieces(self, inputs: Any) -> list[Any]:
        """Return the parts of a batch; the last one may end with filling.

        TensorFlow's kernels do not accept an empty part, so a batch with fewer images than parts
        is filled up. The logits of the filling are cut off, so it has no gradient. In training
        `split.parts_per_batch` gives no more parts than the last batch has images, so that batch
        normalization never sees the filling.
        """
        if self.parts == 1:
            return [inputs]
        count = tf.shape(inputs)[0]
        filling = tf.repeat(inputs[:1], tf.maximum(self.parts - count, 0), axis=0)
        filled = tf.concat([inputs, filling], axis=0)
        cuts = [tf.shape(filled)[0] * i // self.parts for i in range(self.parts + 1)]
        return [filled[a:b] for a, b in pairwise(cuts)]

    def _through(self, pieces: Sequence[Any], *, training: bool | None) -> Sequence[Any]:
        layers = deque(self.layers)
        entered: dict[str, Sequence[Any]] = {}  # by layer: what came in
        while layers:
            layer = layers.popleft()
            entered[layer.name] = pieces
            if isinstance(layer, Shortcut):
                pieces = [layer(*both) for both in zip(pieces, entered[layer.start], strict=True)]
            elif training and layers and can_pool(layer, layers[0]):
                pool = layers.popleft()
                pieces = [conv_relu_pool(piece, layer, pool) for piece in pieces]
            elif training and isinstance(layer, WholeBatchNorm) and len(pieces) > 1:
                pieces = layer.over_parts(pieces)
            else:
                pieces = [layer(piece) for piece in pieces]  # Keras passes `training` on
        return pieces
