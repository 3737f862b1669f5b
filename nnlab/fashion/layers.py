"""Two of Keras's layers, computed at less cost; neither changes what is computed."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


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
        below = round(self.rate * 2**16)
        kept = tf.reshape(bits >= below, tf.shape(inputs))
        return inputs * (tf.cast(kept, inputs.dtype) / (1 - self.rate))


class WholeBatchNorm(keras.layers.BatchNormalization):
    """Keras's BatchNormalization, also of a batch that is cut into parts.

    Source: Ioffe & Szegedy, arXiv:1502.03167.
    """

    def over_parts(self, parts: Sequence[Any]) -> list[Any]:
        """Return `parts` (n_i, ..., channels) normalized by mean and variance of the whole batch.

        The moments of the whole come from those of the parts, without a subtraction of large
        numbers (Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing
        sample variances", 1979).
        """
        values = [tf.cast(part, tf.float32) for part in parts]
        axes = list(range(len(values[0].shape) - 1))
        counts = [tf.cast(tf.size(v), tf.float32) for v in values]
        shares = [count / tf.add_n(counts) for count in counts]
        moments = [tf.nn.moments(v, axes) for v in values]  # (channels,) each
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
