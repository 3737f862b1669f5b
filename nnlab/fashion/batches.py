"""Batches for Keras out of uint8 images that lie in memory once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

TEST_BATCH = 500  # images; without gradients a large batch costs little memory


def normalize(images: Any, labels: Any) -> tuple[Any, Any]:
    """Return pixels / 255 as float32, (batch, 28, 28, 1), and the labels."""
    return tf.cast(images, tf.float32)[..., None] / 255.0, labels


def in_order(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Any:
    """Return the images (n, 28, 28) and labels (n,) as a dataset, to evaluate on."""
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(TEST_BATCH)
    return _plain(dataset.map(normalize).prefetch(2))


def in_orders(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    batch_size: int,
    next_order: Callable[[], NDArray[Any]],
) -> Any:
    """Return a dataset that goes through the images in the order `next_order()`, each time anew.

    Args:
        images: (n, 28, 28).
        labels: (n,).
        batch_size: images in a batch; the last may have fewer.
        next_order: indices, (n,); asked at the start of each epoch.
    """
    with tf.device("CPU"):  # where tf.data works
        all_images, all_labels = tf.constant(images), tf.constant(labels)
    order = tf.data.Dataset.from_generator(
        lambda: iter([next_order()]), output_signature=tf.TensorSpec((len(labels),), tf.int64)
    )
    dataset = (
        order.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        .map(lambda index: normalize(tf.gather(all_images, index), tf.gather(all_labels, index)))
        .prefetch(4)
    )
    return _plain(
        dataset.apply(tf.data.experimental.assert_cardinality(-(-len(labels) // batch_size)))
    )


def _plain(dataset: Any) -> Any:
    """Switch off tf.data's self-tuning.

    There is nothing to tune here, and at the end of a dataset its thread is waited for while it
    sleeps, up to twice as long as the dataset has lived.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
