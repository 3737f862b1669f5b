"""Data augmentation: flip, shift and erase training images at random, a whole batch at once.

Each image has its own random numbers. Source of erasing: Zhong et al., arXiv:1708.04896, with the
same probability and range of shapes; an erased pixel is 0, the background.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from nnlab.fashion.config import SMALLEST_AREA

ERASE_CHANCE, LONGEST = 0.5, 1 / 0.3  # arXiv:1708.04896, section 4


class Augment(keras.layers.Layer):
    """Augments images, in training only.

    The random numbers come from Philox at (seed, number of calls so far): see `state.seed_layers`.
    """

    def __init__(self, changes: Sequence[str], *, shift_pixels: int, erase_area: float) -> None:
        super().__init__()
        self.changes = changes
        self.shift_pixels = shift_pixels
        self.erase_area = erase_area
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return `inputs`, (batch, height, width, 1), in training with the changes."""
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        draws = tf.random.stateless_uniform([8, tf.shape(inputs)[0]], seed, alg="philox")
        if "flip" in self.changes:
            inputs = flip(inputs, draws[0] < 0.5)  # noqa: PLR2004 - a coin
        if "shift" in self.changes:
            inputs = shift(inputs, self.shift_pixels, draws[1:3])
        if "erase" in self.changes:
            inputs = erase(inputs, self.erase_area, draws[3:])
        return inputs


def flip(images: Any, which: Any) -> Any:
    """Mirror the `images` (n, h, w, 1) for which `which` (n,) is true, left to right."""
    return tf.where(which[:, None, None, None], images[:, :, ::-1], images)


def shift(images: Any, most: int, draws: Any) -> Any:
    """Move each image by up to `most` pixels vertically and horizontally; new pixels are 0.

    Args:
        images: The images, (n, h, w, 1).
        most: The largest distance, in pixels.
        draws: Random numbers from U(0, 1), (2, n).
    """
    _, height, width, _ = images.shape
    by = tf.cast(tf.floor(draws * (2 * most + 1)), tf.int32)  # (2, n), 0 to 2 most
    padded = tf.pad(images, [[0, 0], [most, most], [most, most], [0, 0]])
    rows = tf.gather(padded, by[0][:, None] + tf.range(height), axis=1, batch_dims=1)
    return tf.gather(rows, by[1][:, None] + tf.range(width), axis=2, batch_dims=1)


def erase(images: Any, most: float, draws: Any) -> Any:
    """Erase a rectangle in half of the images on average, with 2% to `most` of the image's area.

    Args:
        images: The images, (n, h, w, 1).
        most: The largest share of the area.
        draws: Random numbers from U(0, 1), (5, n): whether to erase, area, shape, vertical and
            horizontal position.
    """
    _, height, width, _ = images.shape
    area = height * width * (SMALLEST_AREA + (most - SMALLEST_AREA) * draws[1])
    ratio = tf.exp((2 * draws[2] - 1) * math.log(LONGEST))  # height / width
    tall = tf.minimum(tf.sqrt(area * ratio), float(height))
    wide = tf.minimum(tf.sqrt(area / ratio), float(width))
    inside = _between(height, tall, draws[3])[:, :, None] & _between(width, wide, draws[4])[:, None]
    hole = inside & (draws[0] < ERASE_CHANCE)[:, None, None]
    return tf.where(hole[..., None], tf.zeros_like(images), images)


def _between(side: int, length: Any, place: Any) -> Any:
    """Return which of `side` pixels lie in an interval of `length` (n,) pixels; (n, side).

    `place` (n,), from 0 to 1, is the position of the interval.
    """
    start = tf.round(place * (side - length))[:, None]
    pixel = tf.range(side, dtype=tf.float32)
    return (pixel >= start) & (pixel < start + tf.round(length)[:, None])
