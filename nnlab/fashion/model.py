"""The network of Part 3, in Keras.

    Conv2D(64, kernel 2, same, relu) -> MaxPooling2D(2) -> Dropout(0.25)
    Conv2D(32, kernel 2, same, relu) -> MaxPooling2D(2) -> Dropout(0.25)
    Flatten -> Dense(128, relu) -> Dropout(0.5) -> Dense(10, softmax)

Two things differ from the plain script, and neither changes what is computed: `Network` computes
the parts of a batch side by side, and `BitDropout` draws fewer random bits.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import keras
import tensorflow as tf

from nnlab import seeds
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.idx import CLASS_COUNT

STEPS_PER_EXECUTION = 50  # steps that TensorFlow takes before it comes back to Python


class Network(keras.Sequential):
    """A Sequential that cuts each batch into `parts`, which run on a core each.

    The loss is that of the whole batch, so the gradient is the same sum, only ordered by parts.
    """

    def __init__(self, layers: list[Any], parts: int) -> None:
        super().__init__(layers, name="network")  # the name is part of the names in a checkpoint
        self.parts = parts

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the class probabilities, (batch, 10), of images (batch, 28, 28, 1)."""
        if self.parts == 1:
            return super().call(inputs, training=training, mask=mask)
        # TensorFlow's kernels refuse an empty part: a last batch of few images is filled up, and
        # what comes of the filling is cut off, which leaves it without a gradient.
        count = tf.shape(inputs)[0]
        filling = tf.repeat(inputs[:1], tf.maximum(self.parts - count, 0), axis=0)
        filled = tf.concat([inputs, filling], axis=0)
        cuts = [tf.shape(filled)[0] * i // self.parts for i in range(self.parts + 1)]
        pieces = [
            super(Network, self).call(filled[a:b], training=training) for a, b in pairwise(cuts)
        ]
        return tf.concat(pieces, axis=0)[:count]


class BitDropout(keras.layers.Dropout):
    """Keras's Dropout with 16 random bits an element instead of 32 and a float's arithmetic.

    The rate is met to 2^-17; those of the assignment, 1/4 and 1/2, exactly. The bits are those of
    the counter-based generator Philox at (seed, calls so far): no state beyond `seed_generator`.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return `inputs` with elements dropped and the others scaled up, when `training`."""
        if not training or self.rate == 0:
            return inputs
        size = tf.size(inputs)
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        words = tf.random.stateless_uniform(
            [(size + 1) // 2], seed, minval=None, maxval=None, dtype=tf.uint32, alg="philox"
        )
        bits = tf.reshape(tf.bitcast(words, tf.uint16), [-1])[:size]
        kept = tf.reshape(bits >= round(self.rate * 2**16), tf.shape(inputs))
        return inputs * (tf.cast(kept, inputs.dtype) / (1 - self.rate))


def cross_entropy(true: Any, predicted: Any) -> Any:
    """Return -log p(true class), (batch,), in nats; not finite is an InvalidArgumentError."""
    loss = keras.losses.sparse_categorical_crossentropy(true, predicted)
    return tf.debugging.check_numerics(loss, "the loss")


def build(config: FashionConfig, parts: int = 1) -> Network:
    """Return the compiled network; its initial weights are a function of config and seed."""
    layers = keras.layers
    initial_seeds = seeds.sequence(config.seed, seeds.Purpose.INIT).generate_state(
        len(config.filters) + 2
    )
    glorot = [keras.initializers.GlorotUniform(int(s)) for s in initial_seeds]
    blocks = [
        layer
        for number, (filters, initializer) in enumerate(zip(config.filters, glorot), 1)  # noqa: B905
        for layer in (
            layers.Conv2D(
                filters, config.kernel_size, padding="same", activation="relu",
                kernel_initializer=initializer, name=f"conv{number}",
            ),
            layers.MaxPooling2D(2),
            BitDropout(config.conv_dropout),
        )
    ]  # fmt: skip
    network = Network(
        [
            keras.Input((28, 28, 1)),
            *blocks,
            layers.Flatten(),
            layers.Dense(
                config.hidden, activation="relu", kernel_initializer=glorot[-2], name="dense"
            ),
            BitDropout(config.dense_dropout),
            layers.Dense(
                CLASS_COUNT, activation="softmax", kernel_initializer=glorot[-1], name="classes"
            ),
        ],
        parts,
    )
    network.compile(
        optimizer=keras.optimizers.Adam(config.lr, name="adam"),
        loss=cross_entropy,
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_EXECUTION,
        jit_compile=False,  # on a CPU, XLA makes a step slower (docs/performance.md)
    )
    return network


def weights(network: Network) -> dict[str, Any]:
    """Return the trained arrays by name: `conv1/kernel`, `conv1/bias`, ..., `classes/bias`."""
    return {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in network.layers
        for variable in layer.trainable_variables
    }


def state(network: Network) -> dict[str, Any]:
    """Return all arrays that training changes: `weights`, and the optimizer's step and moments.

    With them at an epoch's end, and order and dropout derived from (seed, epoch), training goes
    on to the bit.
    """
    optimizer = network.optimizer
    optimizer.build(network.trainable_variables)  # before its first step it has none
    return weights(network) | {v.path: v.numpy() for v in optimizer.variables}


def load_state(network: Network, arrays: Mapping[str, Any]) -> None:
    """Put back what `state` returned for a network of the same config."""
    for layer in network.layers:
        for variable in layer.trainable_variables:
            variable.assign(arrays[f"{layer.name}/{variable.name}"])
    for variable in network.optimizer.variables:
        variable.assign(arrays[variable.path])


def seed_dropout(network: Network, seed: int, epoch: int) -> None:
    """Let the dropout of `epoch` (from 0) depend on (seed, layer, epoch, step) alone."""
    dropouts = [layer for layer in network.layers if isinstance(layer, BitDropout) and layer.rate]
    for index, layer in enumerate(dropouts):
        start = seeds.sequence(seed, seeds.Purpose.DROPOUT, epoch, index).generate_state(1)
        layer.seed_generator.state.assign([int(start[0]), 0])
