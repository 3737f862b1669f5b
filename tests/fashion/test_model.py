"""The network of Part 3: its size, its layers, and that its two short cuts change nothing."""

import os
from typing import Any

import numpy as np
import pytest

from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = pytest.mark.slow


def build(parts: int = 1, **keys: Any) -> Any:
    from nnlab.fashion import model

    return model.build(FashionConfig(**keys), parts)


def plain_script_model() -> Any:
    """The assignment's script, in Keras's own layers."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 2, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(32, 2, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def images(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    return rng.random((count, 28, 28, 1), np.float32), rng.integers(0, 10, count)


def gradient(network: Any, x: Any, y: Any) -> list[Any]:
    import keras
    import tensorflow as tf

    with tf.GradientTape() as tape:
        p = network(x, training=False)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, p))
    return [g.numpy() for g in tape.gradient(loss, network.trainable_variables)]


def test_it_is_the_assignments_network() -> None:
    network = build()
    assert network.count_params() == 210_666
    ours = [((*type(la).__bases__, type(la)), la) for la in network.layers]
    for (kinds, our), their in zip(ours, plain_script_model().layers, strict=True):
        assert type(their) in kinds
        for name in ("filters", "kernel_size", "padding", "pool_size", "strides", "units", "rate"):
            assert getattr(our, name, None) == getattr(their, name, None)
        if hasattr(their, "activation"):
            assert our.activation is their.activation
    assert network.optimizer.get_config()["learning_rate"] == pytest.approx(0.001)


def test_keys_shape_the_network() -> None:
    network = build(filters=(3, 5, 7), kernel_size=3, hidden=11, conv_dropout=0, dense_dropout=0.1)
    shapes = [tuple(w.shape) for w in network.weights if len(w.shape) > 1]
    assert shapes == [(3, 3, 1, 3), (3, 3, 3, 5), (3, 3, 5, 7), (3 * 3 * 7, 11), (11, 10)]


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 7, 32])
def test_parts_of_a_batch_give_keras_own_output_and_gradient(parts: int, count: int) -> None:
    network, plain = build(parts), plain_script_model()
    plain.set_weights(network.get_weights())
    x, y = images(count)
    np.testing.assert_allclose(network(x), plain(x), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(gradient(network, x, y), gradient(plain, x, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.3, 0.5, 0.9])
def test_dropout_drops_its_rate_and_keeps_the_mean(rate: float) -> None:
    from nnlab.fashion.model import BitDropout

    layer = BitDropout(rate, seed=1)
    out = np.asarray(layer(np.ones((401, 501), np.float32), training=True))
    kept = out != 0
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(0.25 / out.size)
    np.testing.assert_allclose(out[kept], 1 / (1 - rate), rtol=1e-6)
    for axis in (0, 1):  # no row and no column is privileged
        assert np.ptp(kept.mean(axis)) < 10 * np.sqrt(0.25 / 401)
    again = np.asarray(layer(np.ones((401, 501), np.float32), training=True))
    assert rate == 0 or not np.array_equal(out, again)
    np.testing.assert_array_equal(layer(out, training=False), out)


def test_dropout_of_an_epoch_depends_on_seed_and_epoch_alone() -> None:
    from nnlab.fashion.model import BitDropout, seed_dropout

    def masks(seed: int, epoch: int) -> list[Any]:
        network = build()
        seed_dropout(network, seed, epoch)
        layers = [la for la in network.layers if isinstance(la, BitDropout)]
        return [np.asarray(la(np.ones((50, 50), np.float32), training=True)) for la in layers]

    first = masks(0, 3)
    assert all(np.array_equal(a, b) for a, b in zip(first, masks(0, 3), strict=True))
    for other in (masks(0, 4), masks(1, 3)):
        assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_initial_weights_are_those_of_the_seed() -> None:
    a, b, c = (build(seed=s).get_weights() for s in (0, 0, 1))
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert not np.array_equal(a[0], c[0])
    kernels = [w for w in a if w.ndim > 1]
    for w in kernels:  # Glorot and Bengio 2010: uniform within sqrt(6 / (fan in + fan out))
        field = np.prod(w.shape[:-2])
        limit = np.sqrt(6 / (field * (w.shape[-2] + w.shape[-1])))
        assert 0.9 * limit < np.abs(w).max() <= limit
