"""The network of Part 3 in Keras, and its variants.

    Conv2D(64, kernel 2, same, relu) -> MaxPooling2D(2) -> Dropout(0.25)
    Conv2D(32, kernel 2, same, relu) -> MaxPooling2D(2) -> Dropout(0.25)
    Flatten -> Dense(128, relu) -> Dropout(0.5) -> Dense(10)

The assignment's last layer has a softmax. Here the network returns the logits z, and the loss
computes the softmax: log p_i = z_i - log sum_k exp z_k. Keras does the same with a softmax layer. A
loss of probabilities would have to clip them (Keras: at 1e-7), with a gradient of 0 below that.

With batch normalization a block is Conv2D -> MaxPooling2D -> BatchNormalization -> relu -> Dropout.
With `skip` the input of an earlier block is added before relu (`nnlab.fashion.residual`).
"""

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from nnlab import seeds
from nnlab.fashion import optimizer
from nnlab.fashion.augment import Augment
from nnlab.fashion.blocks import IMAGE_SIDE
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.dataset.idx import CLASS_COUNT
from nnlab.fashion.divergence import check_finite
from nnlab.fashion.layers import BitDropout, WholeBatchNorm
from nnlab.fashion.parts import Network
from nnlab.fashion.residual import Shortcut

STEPS_PER_EXECUTION = 50  # steps that TensorFlow takes for each call from Python
STATISTICS_MOMENTUM = 0.9  # with Keras's 0.99 a short training ends with statistics of its start


def build(
    config: FashionConfig, parts: int = 1, *, side: int = IMAGE_SIDE, classes: int = CLASS_COUNT
) -> Network:
    """Build the network of `config` with its initial weights, which depend on the seed only.

    It has no loss and no optimizer: it can predict, and `compile_for_training` prepares it for
    training.

    Args:
        config: The config that describes the layers.
        parts: Number of parts that each batch is divided into.
        side: Side of the images, in pixels.
        classes: Number of classes.
    """
    keras.config.set_dtype_policy(config.precision)
    network = Network(
        list(layers_of(config, side, classes)), parts, mirrored=config.tta, moved=config.tta_shift
    )
    network.jit_compile = False  # Keras would choose XLA, which does not pay on a CPU
    return network


def compile_for_training(
    network: Network, config: FashionConfig, steps: int, *, jit_compile: bool = False
) -> None:
    """Give `network` the loss and the optimizer of `config`.

    Args:
        network: A network from `build`.
        config: The config that describes the training.
        steps: Number of steps of the whole training; a learning-rate schedule depends on it.
        jit_compile: Whether XLA compiles the training step (docs/performance.md: not on a CPU).
    """
    network.compile(
        optimizer=optimizer.build(config, steps),
        loss=cross_entropy(config.label_smoothing),
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_EXECUTION,
        jit_compile=jit_compile,
    )
    _create_variables(network)


def _create_variables(network: Network) -> None:
    """Create the variables of the optimizer and of the metrics; Keras waits for the first step.

    TensorFlow traces a function twice if its first call creates variables, and to trace a step
    takes as long as a hundred steps (docs/performance.md).
    """
    network.optimizer.build(network.trainable_variables)
    logits = tf.zeros([1, network.output_shape[-1]])
    network.compute_metrics(None, tf.zeros([1], tf.uint8), logits)
    network.reset_metrics()


def layers_of(config: FashionConfig, side: int, classes: int) -> Iterator[Any]:
    """Yield the layers, from images of `side` x `side` pixels to the logits of the `classes`."""
    layers = keras.layers
    initial_seeds = seeds.sequence(config.seed, seeds.Purpose.INIT).generate_state(
        len(config.filters) + 2
    )
    *of_blocks, of_dense, of_classes = (
        keras.initializers.GlorotUniform(int(s)) for s in initial_seeds
    )
    yield keras.Input((side, side, 1))
    if config.augment:
        yield Augment(
            config.augment, shift_pixels=config.shift_pixels, erase_area=config.erase_area
        )
    relu = None if config.batch_norm else "relu"
    for number, (block, initializer) in enumerate(zip(config.filters, of_blocks, strict=True), 1):
        late_relu = config.batch_norm or block.skip
        yield layers.Conv2D(
            block.filters, block.kernel or config.kernel_size, padding="same",
            activation=None if late_relu else "relu",
            use_bias=not config.batch_norm, kernel_initializer=initializer, name=f"conv{number}",
        )  # fmt: skip
        if block.pool > 1:
            yield layers.MaxPooling2D(block.pool)
        if config.batch_norm:
            yield WholeBatchNorm(momentum=STATISTICS_MOMENTUM, name=f"norm{number}")
        if block.skip:
            yield Shortcut(f"conv{number + 1 - block.skip}")
        if late_relu:
            yield layers.ReLU()
        yield BitDropout(config.conv_dropout if block.dropout is None else block.dropout)
    yield layers.Flatten()
    if config.hidden:
        yield layers.Dense(
            config.hidden, activation=relu, use_bias=not config.batch_norm,
            kernel_initializer=of_dense, name="dense",
        )  # fmt: skip
        if config.batch_norm:
            yield from (
                WholeBatchNorm(momentum=STATISTICS_MOMENTUM, name="norm_dense"),
                layers.ReLU(),
            )
        yield BitDropout(config.dense_dropout)
    yield layers.Dense(classes, kernel_initializer=of_classes, name="classes", dtype="float32")


def cross_entropy(smoothing: float = 0.0) -> Any:
    """Return the loss function, in nats: (labels (batch,), logits (batch, classes)) -> (batch,).

    The loss is -log p(true class). With label smoothing (Szegedy et al., arXiv:1512.00567) it is
    the mean of -log p over the classes, weighted by `smoothing` / classes plus, for the true
    class, `1 - smoothing`. A loss that is not finite stops the training
    (`nnlab.fashion.divergence`).
    """

    def loss(true: Any, logits: Any) -> Any:
        if smoothing:
            labels = tf.one_hot(tf.cast(tf.reshape(true, [-1]), tf.int32), logits.shape[-1])
            nats = keras.losses.categorical_crossentropy(
                labels, logits, from_logits=True, label_smoothing=smoothing
            )
        else:
            nats = keras.losses.sparse_categorical_crossentropy(true, logits, from_logits=True)
        return check_finite(nats)

    return loss
