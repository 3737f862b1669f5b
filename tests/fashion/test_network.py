"""The network of Part 3: its layers, loss and gradient are those of the assignment's script."""

import os
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from nnlab.fashion.blocks import Block
from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]


def build(parts: int = 1, **keys: Any) -> Any:
    return build_config(FashionConfig(**keys), parts)


def build_config(config: FashionConfig, parts: int, side: int = 28) -> Any:
    from nnlab.fashion import network as networks

    network = networks.build(config, parts, side=side)
    networks.compile_for_training(network, config, steps=1)
    return network


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
            layers.Dense(10, activation="softmax", name="classes"),
        ]
    )


def images(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    return rng.random((count, 28, 28, 1), np.float32), rng.integers(0, 10, count)


def gradient(network: Any, x: Any, y: Any, *, training: bool = False) -> list[Any]:
    import keras
    import tensorflow as tf

    from nnlab.fashion.parts import Network

    with tf.GradientTape() as tape:
        out = network(x, training=training)
        theirs = keras.losses.sparse_categorical_crossentropy
        loss = tf.reduce_mean((network.loss if isinstance(network, Network) else theirs)(y, out))
    gradients = tape.gradient(loss, network.trainable_variables)
    return [loss.numpy(), *(g.numpy() for g in gradients)]


def test_it_is_the_assignments_network() -> None:
    network = build()
    assert network.count_params() == 210_666
    ours = [((*type(la).__bases__, type(la)), la) for la in network.layers]
    for (kinds, our), their in zip(ours, plain_script_model().layers, strict=True):
        assert type(their) in kinds
        for name in ("filters", "kernel_size", "padding", "pool_size", "strides", "units", "rate"):
            assert getattr(our, name, None) == getattr(their, name, None)
        if hasattr(their, "activation") and their.name != "classes":
            assert our.activation is their.activation
    assert network.layers[-1].activation.__name__ == "linear"  # the loss has the softmax
    assert network.optimizer.get_config()["learning_rate"] == pytest.approx(0.001)


def test_a_network_without_an_optimizer_predicts() -> None:
    from nnlab.fashion import network as networks

    keys: dict[str, Any] = {"filters": (3,), "batch_norm": True, "ema": 0.9}
    network, compiled = networks.build(FashionConfig(**keys)), build(**keys)
    assert not hasattr(network, "optimizer")
    assert not network.compiled
    x, _ = images(5)
    np.testing.assert_array_equal(network.predict(x, verbose=0), compiled.predict(x, verbose=0))


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
    np.testing.assert_allclose(softmax(network(x), 1), plain(x), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(gradient(network, x, y), gradient(plain, x, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize(("side", "pool"), [(28, 2), (13, 2), (11, 3), (8, 1)])
def test_a_training_step_has_keras_own_gradient(parts: int, side: int, pool: int) -> None:
    """The convolutions are computed with their pooling, in `nnlab.fashion.pooled`."""
    import keras
    from keras import layers

    blocks = tuple(Block(filters=count, pool=pool, kernel=3) for count in (6, 5))
    config = FashionConfig(filters=blocks, hidden=7, conv_dropout=0, dense_dropout=0)
    network = build_config(config, parts, side)
    plain = keras.Sequential([keras.Input((side, side, 1))])
    for count in (6, 5):
        plain.add(layers.Conv2D(count, 3, padding="same", activation="relu"))
        plain.add(layers.MaxPooling2D(pool))
    for layer in (layers.Flatten(), layers.Dense(7, "relu"), layers.Dense(10, "softmax")):
        plain.add(layer)
    plain.set_weights(network.get_weights())
    rng = np.random.default_rng(4)
    x, y = rng.random((33, side, side, 1), np.float32), rng.integers(0, 10, 33)
    x[:, ::2] = 0  # windows of equal pixels
    ours, theirs = (gradient(n, x, y, training=True) for n in (network, plain))
    assert all(np.abs(their).max() > 0 for their in theirs)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-5 * np.abs(their).max())


@pytest.mark.parametrize("count", [7, 50, 130])
@pytest.mark.parametrize("tta", [False, True])
def test_few_images_at_a_time_have_the_logits_of_the_whole_batch(count: int, *, tta: bool) -> None:
    network, (x, _) = build(2, augment=("flip",) * tta, tta=tta), images(count)
    whole = network(x, training=False)  # outside a graph
    few = network.predict_on_batch(x)
    np.testing.assert_allclose(few, whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_saturated_weights_have_keras_own_loss_and_gradient(parts: int) -> None:
    """Probabilities below 1e-7, where Keras clips those that are not the output of a softmax."""
    network, plain = build(parts), plain_script_model()
    for layer in (network, plain):
        layer.set_weights(build().get_weights())
        kernel = layer.layers[-1].kernel
        kernel.assign(200 * kernel)
    x, y = images(32)
    ours, theirs = gradient(network, x, y), gradient(plain, x, y)
    assert np.sum(plain(x).numpy()[np.arange(32), y] < 1e-7) >= 10
    assert theirs[0] > 16.2  # a loss clipped at -log 1e-7 = 16.12 would be lower
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-4 * np.abs(their).max())


def test_dropout_of_an_epoch_depends_on_seed_and_epoch_only() -> None:
    from nnlab.fashion.layers import BitDropout
    from nnlab.fashion.state import seed_layers

    def masks(seed: int, epoch: int) -> list[Any]:
        network = build()
        seed_layers(network, seed, epoch)
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


def test_blocks_and_batch_normalization_shape_the_network() -> None:
    network = build(
        filters=({"filters": 3, "pool": 1, "kernel": 5}, {"filters": 4, "dropout": 0.3}, 5),
        batch_norm=True, hidden=0, conv_dropout=0.1,
    )  # fmt: skip
    kinds = [type(la).__name__ for la in network.layers]
    block = ["Conv2D", "MaxPooling2D", "WholeBatchNorm", "ReLU", "BitDropout"]
    assert kinds == ["Conv2D", *block[2:], *block, *block, "Flatten", "Dense"]
    rates = [la.rate for la in network.layers if type(la).__name__ == "BitDropout"]
    assert rates == [0.1, 0.3, 0.1]
    shapes = [tuple(w.shape) for w in network.trainable_weights if len(w.shape) > 1]
    assert shapes == [(5, 5, 1, 3), (2, 2, 3, 4), (2, 2, 4, 5), (7 * 7 * 5, 10)]
    biases = [w.path for w in network.trainable_weights if w.name == "bias"]
    assert biases == ["network/classes/bias"]  # beta replaces the others


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_with_batch_normalization_give_the_gradient_of_the_whole_batch(parts: int) -> None:
    import tensorflow as tf

    keys: dict[str, Any] = {"filters": (3, 4), "batch_norm": True, "hidden": 7}
    keys |= {"conv_dropout": 0, "dense_dropout": 0}
    x, y = images(33)
    after = []
    for network in (build(1, **keys), build(parts, **keys)):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(network.loss(y, network(x, training=True)))
        gradients = tape.gradient(loss, network.trainable_variables)
        after.append([*(g.numpy() for g in gradients), *network.get_weights()])
    for ours, theirs in zip(*after, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("parts", [1, 2])
def test_shortcuts_give_the_output_and_gradient_of_a_residual_network(
    parts: int, batch_norm: bool
) -> None:
    """arXiv:1512.03385, equation 1, written in Keras's functional API."""
    import keras
    import tensorflow as tf
    from keras import layers

    def block(x: Any, filters: int, *, plus: Any = None) -> Any:
        x = layers.Conv2D(filters, 2, padding="same", use_bias=not batch_norm)(x)
        x = layers.BatchNormalization()(x) if batch_norm else x
        return layers.ReLU()(x if plus is None else layers.Add()([plus, x]))

    pixels = keras.Input((28, 28, 1))
    first = block(pixels, 4)
    second = block(block(first, 3), 4, plus=first)
    third = block(second, 4, plus=second)
    theirs = keras.Model(pixels, layers.Dense(10)(layers.Flatten()(third)))
    four = {"filters": 4, "pool": 1}
    ours = build(
        parts, hidden=0, conv_dropout=0, batch_norm=batch_norm,
        filters=(four, {"filters": 3, "pool": 1}, four | {"skip": 2}, four | {"skip": 1}),
    )  # fmt: skip
    theirs.set_weights(ours.get_weights())
    x, y = images(33)
    found = []
    for network in (ours, theirs):
        with tf.GradientTape() as tape:
            logits = network(x, training=True)
            loss = tf.reduce_mean(ours.loss(y, logits))
        gradients = tape.gradient(loss, network.trainable_variables)
        found.append([logits.numpy(), *(g.numpy() for g in gradients)])
    for our, their in zip(*found, strict=True):
        # a value beside the kink of relu may fall on its other side
        np.testing.assert_allclose(our, their, rtol=0, atol=2e-3 * np.abs(their).max())


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_the_paper(smoothing: float) -> None:
    from nnlab.fashion.network import cross_entropy

    p = np.random.default_rng(3).dirichlet(np.ones(10), 6).astype(np.float32)
    y = np.arange(6)
    wanted = np.full((6, 10), smoothing / 10)
    wanted[np.arange(6), y] += 1 - smoothing  # arXiv:1512.00567, section 7
    by_hand = -(wanted * np.log(p)).sum(1)
    logits = np.log(p) + np.float32(3)  # the softmax does not depend on a constant
    np.testing.assert_allclose(cross_entropy(smoothing)(y, logits), by_hand, rtol=1e-4)


def test_tta_averages_the_probabilities_of_an_image_and_its_mirror_image() -> None:
    plain, averaged = build(), build(tta=True, augment=("flip",))
    averaged.set_weights(plain.get_weights())
    x, _ = images(5)
    both = (softmax(plain(x), 1) + softmax(plain(x[:, :, ::-1]), 1)) / 2
    np.testing.assert_allclose(np.exp(averaged(x)), both, rtol=1e-5)
    np.testing.assert_allclose(averaged(x), averaged(x[:, :, ::-1]), rtol=1e-5)


def test_tta_shift_averages_the_probabilities_of_five_places_and_their_mirror_images() -> None:
    plain = build()
    x, _ = images(5)
    padded = np.pad(x, [(0, 0), (2, 2), (2, 2), (0, 0)])
    places = [(2, 2), (0, 2), (4, 2), (2, 0), (2, 4)]
    moved = [padded[:, y : y + 28, x : x + 28] for y, x in places]
    np.testing.assert_array_equal(moved[0], x)
    np.testing.assert_array_equal(moved[1][:, 2:], x[:, :-2])
    for tta in (False, True):
        network = build(tta=tta, tta_shift=2, augment=("flip", "shift"))
        network.set_weights(plain.get_weights())
        views = moved + [view[:, :, ::-1] for view in moved if tta]
        mean = np.mean([softmax(plain(view), 1) for view in views], axis=0)
        np.testing.assert_allclose(np.exp(network(x)), mean, rtol=1e-5)
        np.testing.assert_allclose(network.predict(x, verbose=0), np.log(mean), rtol=1e-4)


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_collect_has_everything_that_training_changed(precision: str) -> None:
    from nnlab.fashion import batches, state

    keys: dict[str, Any] = {"filters": (3,), "batch_norm": True, "ema": 0.9, "optimizer": "sgd"}
    x, y = images(64)
    whole = build(**keys, precision=precision)
    names = set(state.collect(whole))
    whole.images = batches.DeviceImages((x[..., 0] * 255).astype(np.uint8), "CPU:0")
    whole.fit(np.arange(64), y, batch_size=16, shuffle=False, verbose=0)
    if precision == "mixed_float16":  # as after an overflow, and steps without one
        whole.optimizer.dynamic_scale.assign(4.0)
        whole.optimizer.step_counter.assign(7)
    kept = state.collect(whole)
    assert set(kept) == names
    assert {"norm1/moving_mean", "sgd/network_conv1_kernel_average", "sgd/iteration"} <= names
    assert precision == "float32" or {4.0, 7.0} <= {float(a) for a in kept.values() if a.ndim == 0}
    other = build(**keys, precision=precision, seed=1)
    state.collect(other)
    state.restore(other, kept)
    assert all(np.array_equal(a, kept[name]) for name, a in state.collect(other).items())
    build()  # the precision applies to the whole process: back to float32
