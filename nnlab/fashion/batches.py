"""Batches for Keras out of uint8 images that lie in memory once, on the device that trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

TEST_BATCH = 500  # images; without gradients a large batch costs little memory


def normalize(images: Any) -> Any:
    """Return pixels / 255 as float32, (batch, 28, 28, 1), of uint8 images (batch, 28, 28)."""
    return tf.cast(images, tf.float32)[..., None] / 255.0


class Resident:
    """Images that lie on a device as uint8, to be looked up by index.

    They are kept as words of eight pixels: TensorFlow has no look-up of bytes on a GPU, and would
    do it on the CPU, batch by batch.
    """

    def __init__(self, images: NDArray[np.uint8], device: str) -> None:
        """Put `images` (n, 28, 28) on `device`, such as "CPU:0"."""
        self._shape = images.shape[1:]
        with tf.device(device):
            self.words = tf.constant(images.reshape(len(images), -1).view(np.int64))  # (n, 98)

    def __getitem__(self, index: Any) -> Any:
        """Return the normalized images, (batch, 28, 28, 1), at `index` (batch,)."""
        pixels = tf.bitcast(tf.gather(self.words, index), tf.uint8)  # (batch, 98, 8)
        return normalize(tf.reshape(pixels, [-1, *self._shape]))


def in_order(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Any:
    """Return the images (n, 28, 28) and labels (n,) as a dataset, to evaluate on."""
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(TEST_BATCH)
    return _plain(dataset.map(lambda x, y: (normalize(x), y)).prefetch(2))


def in_orders(
    labels: NDArray[np.uint8], batch_size: int, next_order: Callable[[], NDArray[Any]]
) -> Any:
    """Return a dataset of (indices, labels), batches in the order `next_order()`, each time anew.

    Args:
        labels: (n,).
        batch_size: images in a batch; the last may have fewer.
        next_order: indices, (n,); asked at the start of each epoch.
    """
    with tf.device("CPU"):  # where tf.data works
        all_labels = tf.constant(labels)
    order = tf.data.Dataset.from_generator(
        lambda: iter([next_order()]), output_signature=tf.TensorSpec((len(labels),), tf.int64)
    )
    dataset = (
        order.flat_map(lambda order: tf.data.Dataset.from_tensor_slices(order).batch(batch_size))
        .map(lambda index: (index, tf.gather(all_labels, index)))
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
