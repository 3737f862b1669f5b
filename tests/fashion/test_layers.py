"""nnlab's layers compute the same as Keras's."""

import os
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.3, 0.5, 0.9, 0.999])
def test_dropout_drops_its_rate_and_keeps_the_mean(rate: float) -> None:
    from nnlab.fashion.layers import BitDropout

    layer = BitDropout(rate, seed=1)
    out = np.asarray(layer(np.ones((401, 501), np.float32), training=True))
    kept = out != 0
    assert kept.any()
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(0.25 / out.size)
    np.testing.assert_allclose(out[kept], 1 / (1 - rate), rtol=1e-6)
    for axis in (0, 1):  # all rows and columns have the same rate
        assert np.ptp(kept.mean(axis)) < 10 * np.sqrt(0.25 / 401)
    again = np.asarray(layer(np.ones((401, 501), np.float32), training=True))
    assert rate == 0 or not np.array_equal(out, again)
    np.testing.assert_array_equal(layer(out, training=False), out)


@pytest.mark.parametrize("cuts", [[16], [5, 16], [1, 8, 20]])
@pytest.mark.parametrize("shape", [(31, 4, 3, 5), (31, 6)])
def test_normalization_over_parts_is_keras_own_over_the_whole(
    cuts: list[int], shape: tuple[int, ...]
) -> None:
    import keras
    import tensorflow as tf

    from nnlab.fashion.layers import WholeBatchNorm

    x = (RNG.normal(size=shape) * 3 + 100).astype(np.float32)  # a large mean: no cancellation
    up = RNG.normal(size=shape).astype(np.float32)
    ours, theirs = WholeBatchNorm(), keras.layers.BatchNormalization()
    results: list[list[Any]] = []
    for layer in (ours, theirs):
        layer.build(shape)
        layer.gamma.assign(np.linspace(0.5, 2, shape[-1]))
        layer.beta.assign(np.linspace(-1, 1, shape[-1]))
        whole = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(whole)
            if layer is ours:
                out = tf.concat(ours.over_parts(tf.split(whole, _sizes(cuts))), axis=0)
            else:
                out = theirs(whole, training=True)
            loss = tf.reduce_sum(out * up)
        gradients = tape.gradient(loss, [whole, *(v.value for v in layer.trainable_variables)])
        moving = [layer.moving_mean, layer.moving_variance]
        results.append([a.numpy() for a in [out, *gradients, *moving]])
    for our, their in zip(*results, strict=True):
        np.testing.assert_allclose(our, their, rtol=2e-3, atol=2e-4)


def _sizes(cuts: list[int]) -> list[int]:
    return [b - a for a, b in pairwise([0, *cuts, 31])]
