"""Test-time augmentation: a network classifies several views of an image, and they are averaged.

The views are the image, the image moved by some pixels in four directions, and the mirror images
of all these. Moving an image means to pad it with background and to cut out another window.
"""

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf


def windows(pixels: int) -> list[tuple[int, int]]:
    """Return the corner (top, left) of each view in an image that is padded by `pixels`.

    The first is the image itself; in the others it is moved down, up, to the right, to the left.
    """
    p = pixels
    return [(p, p), (0, p), (2 * p, p), (p, 0), (p, 2 * p)] if p else [(0, 0)]


def views(images: Any, *, mirrored: bool, pixels: int) -> list[Any]:
    """Return the views of `images`, (batch, height, width, 1); the images themselves come first.

    Args:
        images: The images.
        mirrored: Whether the mirror image of each view is also a view.
        pixels: How far the images are moved; 0: they are not.
    """
    _, height, width, _ = images.shape
    padded = tf.pad(images, [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]])
    moved = [padded[:, y : y + height, x : x + width] for y, x in windows(pixels)]
    return moved + [view[:, :, ::-1] for view in moved if mirrored]


def log_mean(logits: Sequence[Any]) -> Any:
    """Return log((p + q + ...) / n), (batch, classes), for the probabilities of n `logits`.

    The result can be used as logits: the softmax of log-probabilities gives the probabilities.
    """
    log_p = [tf.nn.log_softmax(each) for each in logits]
    return tf.reduce_logsumexp(log_p, axis=0) - math.log(len(log_p))
