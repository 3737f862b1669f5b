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
        """Normalize `parts`, (n_i, ..., channels), by the mean and variance of the whole batch.

        Mean and variance of the batch are computed from those of the parts. No large numbers are
        subtracted, so there is no loss of precision (Chan, Golub & LeVeque, "Updating formulae and
        a pairwise algorithm for computing sample variances", 1979).
        """
        values = [tf.cast(part, tf.float32) for part in parts]
        axes = list(range(len(values[0].shape) - 1))
        counts = [tf.cast(tf.size(v), tf.float32) for v in values]
        shares = [count / tf.add_n(counts) for count in counts]
        moments = [tf.nn.moments(v, axes) for v in values]  # mean, variance: (channels,)
        mean = tf.add_n([w * m for w, (m, _) in zip(shares, moments, strict=True)])
        variance = tf.add_n(
            [w * (v + (m - mean) ** 2) for w, (m, v) in zip(shares, moments, strict=True)]
        )
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        beta, gamma = tf.convert_to_tensor(self.beta), tf.convert_to_tensor(self.gamma)
        return [
            tf.cast(
                tf.nn.batch_normalization(v, mean, variance, beta, gamma, self.epsilon),
                self.compute_dtype,
            )
            for v in values
        ]
