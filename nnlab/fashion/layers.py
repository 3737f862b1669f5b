"""Two Keras layers with the same results at less cost."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class BitDropout(keras.layers.Dropout):
    """Keras's Dropout with 8 or 16 random bits for each element, where Keras draws a 32-bit float.

    8 bits are enough where the rate is a multiple of 1/256, as the assignment's 1/4 and 1/2 are. Of
    16 bits the error of the rate is at most 2^-17. The bits come from the counter-based generator
    Philox at (seed, number of calls so far), so the layer has no random state except
    `seed_generator`.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """In training, set some elements of `inputs` to 0 and scale the others up."""
        if not training or self.rate == 0:
            return inputs
        bits, kind = (8, tf.uint8) if (256 * self.rate).is_integer() else (16, tf.uint16)
        size, of_a_word = tf.size(inputs), 32 // bits
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        words = tf.random.stateless_uniform(
            [-(-size // of_a_word)], seed, minval=None, maxval=None, dtype=tf.uint32, alg="philox"
        )
        draws = tf.reshape(tf.bitcast(words, kind), [-1])[:size]
        kept = tf.reshape(draws >= round(self.rate * 2**bits), tf.shape(inputs))
        return inputs * (tf.cast(kept, inputs.dtype) / (1 - self.rate))


class WholeBatchNorm(keras.layers.BatchNormalization):
    """Keras's BatchNormalization, also for a batch that is divided into parts.

    Source: Ioffe & Szegedy, arXiv:1502.03167.
    """

    def over_parts(self, parts: Sequence[Any]) -> list[Any]:
        """Normalize `parts`, (n_i, ..., channels), by the mean and variance of the whole batch."""
        gamma, beta = tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
        values = [tf.cast(part, tf.float32) for part in parts]
        mean, variance, *normalized = _normalize(self.epsilon, gamma, beta, *values)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        return [tf.cast(part, self.compute_dtype) for part in normalized]


def _normalize(epsilon: float, gamma: Any, beta: Any, *parts: Any) -> Any:
    """Return mean and variance of the whole batch, (channels,), then the normalized `parts`.

    Of the whole batch of N values per channel, with r = 1 / sqrt(variance + epsilon):

        y = gamma r (x - mean) + beta
        dbeta = sum dy       dgamma = r sum dy (x - mean)
        dx = gamma r (dy - dbeta / N - r (x - mean) dgamma / N)

    That is Ioffe & Szegedy's gradient, section 3, in fewer passes over the parts than TensorFlow
    takes, which differentiates each operation of the forward pass (docs/performance.md).
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def compute(gamma: Any, beta: Any, *parts: Any) -> Any:
        mean, variance = _moments(parts)
        r = tf.math.rsqrt(variance + epsilon)
        scale = gamma * r
        shift = beta - mean * scale

        def gradient(*upstream: Any) -> list[Any]:
            dys = upstream[2:]  # those of mean and variance are 0: only the moving ones use them
            count = tf.add_n([_values_per_channel(part) for part in parts])
            dbeta = tf.add_n([_sum(dy) for dy in dys])
            dgamma = r * tf.add_n([_sum(dy * (x - mean)) for dy, x in zip(dys, parts, strict=True)])
            slope = -scale * r * dgamma / count
            constant = -scale * dbeta / count - slope * mean
            dxs = [scale * dy + (slope * x + constant) for dy, x in zip(dys, parts, strict=True)]
            return [dgamma, dbeta, *dxs]

        return [mean, variance, *(scale * x + shift for x in parts)], gradient

    return compute(gamma, beta, *parts)


def _moments(parts: Sequence[Any]) -> tuple[Any, Any]:
    """Return mean and variance of the whole batch, (channels,), from those of its parts.

    No large numbers are subtracted, so there is no loss of precision (Chan, Golub & LeVeque,
    "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
    """
    counts = [_values_per_channel(part) for part in parts]
    shares = [count / tf.add_n(counts) for count in counts]
    moments = [tf.nn.moments(part, _all_but_channels(part)) for part in parts]
    mean = tf.add_n([w * m for w, (m, _) in zip(shares, moments, strict=True)])
    variance = tf.add_n(
        [w * (v + (m - mean) ** 2) for w, (m, v) in zip(shares, moments, strict=True)]
    )
    return mean, variance


def _values_per_channel(part: Any) -> Any:
    return tf.cast(tf.size(part) // part.shape[-1], tf.float32)


def _sum(part: Any) -> Any:
    return tf.reduce_sum(part, _all_but_channels(part))


def _all_but_channels(part: Any) -> list[int]:
    return list(range(len(part.shape) - 1))
