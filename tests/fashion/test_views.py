"""What the pictures show of a network is what the network sees."""

from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d

from nnlab.fashion.blocks import Block
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import load, order

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]

SIDE = 28


@pytest.mark.parametrize("batch", [20, 21])  # two parts
def test_the_first_batch_is_the_one_that_training_shows(
    monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    from nnlab.fashion import network as networks
    from nnlab.fashion.augment import Augment
    from nnlab.fashion.batches import DeviceImages, training_batches
    from nnlab.fashion.callbacks import SeedEpoch
    from nnlab.fashion.views import augmented

    config = FashionConfig(
        augment=("flip", "shift", "erase"),
        filters=(Block(filters=2),),
        hidden=0,
        batch_size=batch,
        seed=4,
    )
    sample, images = load("sample"), 2 * batch
    network = networks.build(config, parts=2)
    network.compile(optimizer="sgd", loss=networks.cross_entropy(), run_eagerly=True)
    network.images = DeviceImages(sample.x_train[:images], "CPU:0")
    shown: list[Any] = []
    (layer,) = (layer for layer in network.layers if isinstance(layer, Augment))
    change = layer.call

    def recorded(inputs: Any, training: bool = False) -> Any:
        changed = change(inputs, training=training)
        shown.append(np.asarray(changed)[..., 0])
        return changed

    first = order(config, 0, sample.y_train[:images], len(sample.classes))
    found = augmented(network, first[:batch], config.seed)
    monkeypatch.setattr(layer, "call", recorded)
    network.fit(
        training_batches(sample.y_train[:images], batch, lambda: first),
        callbacks=[SeedEpoch(config.seed)], shuffle=False, verbose=0,
    )  # fmt: skip
    assert len(shown) == 4
    np.testing.assert_array_equal(found, np.concatenate(shown[:2]))
    assert not np.array_equal(found, np.concatenate(shown[2:]))
    assert not np.array_equal(found, sample.x_train[first[:batch]] / np.float32(255))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_first_maps_are_those_of_scipy(batch_norm: bool) -> None:
    from nnlab.fashion import network as networks
    from nnlab.fashion.views import first_maps

    config = FashionConfig(
        filters=(Block(filters=3),), kernel_size=3, batch_norm=batch_norm, augment=("flip",)
    )
    network, x = networks.build(config), load("sample").x_test[:4]
    kernel = network.get_layer("conv1").kernel.numpy()  # (3, 3, 1, filters)
    right = np.array([
        [correlate2d(image / 255, kernel[:, :, 0, k], mode="same") for k in range(3)]
        for image in x
    ])  # fmt: skip
    if batch_norm:  # the initial statistics are mean 0, variance 1
        right = right.reshape(4, 3, SIDE // 2, 2, SIDE // 2, 2).max((3, 5)) / np.sqrt(1.001)
    found = first_maps(network, x)
    np.testing.assert_allclose(found, np.maximum(right, 0).transpose(0, 2, 3, 1), atol=1e-6)
    assert found.max() > 0.1
