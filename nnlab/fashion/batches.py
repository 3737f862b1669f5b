"""Batches for Keras. The uint8 images are stored once, on the device that trains."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

TEST_BATCH = 500  # images; a large batch needs little memory without gradients


def normalize(images: Any) -> Any:
    """Convert uint8 images (batch, side, side) to float32 pixels / 255, (..., side, side, 1)."""
    return tf.cast(images, tf.float32)[..., None] / 255.0


class DeviceImages:
    """Images that are stored on a device as uint8 and looked up by index.

    They are stored as words of eight pixels, because TensorFlow cannot look up single bytes on a
    GPU: it would look up each batch on the CPU.
    """

    def __init__(self, images: NDArray[np.uint8], device: str) -> None:
        """Copy `images` (n, side, side) to `device`, such as "CPU:0"."""
        self._shape = images.shape[1:]
        pixels = images.reshape(len(images), -1)
        self._filling = -pixels.shape[1] % 8  # bytes in the last word; 0 for 28 x 28 pixels
        if self._filling:
            pixels = np.pad(pixels, [(0, 0), (0, self._filling)])
        with tf.device(device):
            self.words = tf.constant(pixels.view(np.int64))  # (n, words of an image)

    def __getitem__(self, index: Any) -> Any:
        """Return the normalized images, (batch, side, side, 1), at `index` (batch,)."""
        pixels = tf.bitcast(tf.gather(self.words, index), tf.uint8)  # (batch, words, 8)
        if self._filling:
            pixels = tf.reshape(pixels, [-1, 8 * self.words.shape[1]])[:, : -self._filling]
        return normalize(tf.reshape(pixels, [-1, *self._shape]))


def evaluation_batches(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Any:
    """Return batches of images (n, side, side) and labels (n,), in order, for an evaluation."""
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(TEST_BATCH)
    return _plain(dataset.map(lambda x, y: (normalize(x), y)).prefetch(2))


def logits_of(network: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the logits of images (n, side, side): (n, classes).

    Keras's `predict` would build one graph of all batches of an execution, in seconds, and
    compute them at the same time.
    """
    batches = (images[at : at + TEST_BATCH] for at in range(0, len(images), TEST_BATCH))
    return np.concatenate([network.predict_on_batch(normalize(batch)) for batch in batches])


def training_batches(
    labels: NDArray[np.uint8], batch_size: int, next_order: Callable[[], NDArray[Any]]
) -> Any:
    """Return batches of (indices of images, labels), in a new order in each epoch.

    Args:
        labels: The labels of the training images, (n,).
        batch_size: Images in a batch; the last batch of an epoch may have fewer.
        next_order: Called at the start of each epoch; returns the order as indices, (n,).
    """
    count = len(labels)
    whole = count // batch_size * batch_size  # images in the whole batches
    with tf.device("CPU"):  # tf.data runs there
        all_labels = tf.constant(labels)

    def batches_of(order: Any) -> Any:
        """Cut an epoch's order once; to collect single images costs as much as a small layer."""
        epoch = (order, tf.gather(all_labels, order))
        dataset = tf.data.Dataset.from_tensor_slices(
            tuple(tf.reshape(part[:whole], [-1, batch_size]) for part in epoch)
        )
        if whole == count:
            return dataset
        rest = tf.data.Dataset.from_tensors(tuple(part[whole:] for part in epoch))
        return dataset.concatenate(rest)

    order = tf.data.Dataset.from_generator(
        lambda: iter([next_order()]), output_signature=tf.TensorSpec((count,), tf.int64)
    )
    dataset = order.flat_map(batches_of).prefetch(4)
    return _plain(dataset.apply(tf.data.experimental.assert_cardinality(-(-count // batch_size))))


def _plain(dataset: Any) -> Any:
    """Switch off the automatic tuning of tf.data.

    There is nothing to tune here. At the end of a dataset TensorFlow waits for the tuning thread,
    which may sleep for up to twice the dataset's lifetime.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
