"""Batches contain all images, in the right order, on the right device."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import python

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]

TWO_DEVICES = """
import numpy as np, tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from nnlab.fashion import batches
from nnlab.fashion import network as networks
from nnlab.fashion.config import FashionConfig
rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (32, 28, 28), np.uint8), rng.integers(0, 10, 32, np.uint8)
with tf.device("CPU:1"):
    config = FashionConfig(filters=(2,), hidden=3, augment=("flip", "shift"))
    network = networks.build(config)
    networks.compile_for_training(network, config, steps=1)
    network.images = batches.DeviceImages(images, "CPU:1")
    train = batches.training_batches(labels, 8, lambda: np.arange(32))
    network.fit(train, shuffle=False, verbose=0)
    answers = network(network.images[np.arange(3)])
places = [network.images.words, *(v.value for v in network.trainable_variables), answers]
print({p.device.rpartition("device:")[2] for p in places}, int(network.optimizer.iterations))
"""

PEAK = """
import re
from pathlib import Path
import numpy as np
from nnlab.console.view import Silent
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow
load_tensorflow(FashionConfig(device="cpu"), Silent())
from nnlab.fashion import network as networks
from nnlab.fashion.batches import evaluation_batches, logits_of

def memory(which):
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{which}:\\s+(\\d+) kB", status)[1]) / 1024

network = networks.build(FashionConfig(filters=(128, 4), hidden=3), 2)
networks.compile_for_training(network, FashionConfig(), steps=1)
images, labels = np.zeros((1000, 28, 28), np.uint8), np.zeros(1000, np.uint8)
begin = memory("VmRSS")
network.evaluate(evaluation_batches(images, labels), verbose=0)
logits_of(network, images)
print(memory("VmHWM") - begin)
"""

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (53, 28, 28), np.uint8)
LABELS = RNG.integers(0, 10, 53, np.uint8)


def collect(dataset: Any) -> tuple[Any, Any, list[int]]:
    batches = [(x.numpy(), y.numpy()) for x, y in dataset]
    return (
        np.concatenate([x for x, _ in batches]),
        np.concatenate([y for _, y in batches]),
        [len(y) for _, y in batches],
    )


def test_an_epoch_visits_every_image_once_in_its_order() -> None:
    from nnlab.fashion.batches import training_batches

    orders = [RNG.permutation(53) for _ in range(3)]
    coming = iter(orders)
    dataset = training_batches(LABELS, 8, lambda: next(coming))
    assert len(dataset) == 7
    for order in orders:
        index, y, sizes = collect(dataset)
        assert sizes == [8] * 6 + [5]
        np.testing.assert_array_equal(index, order)
        np.testing.assert_array_equal(y, LABELS[order])


@pytest.mark.parametrize("side", [8, 9, 28])
def test_images_on_a_device_are_looked_up_by_index(side: int) -> None:
    from nnlab.fashion.batches import DeviceImages

    images, index = IMAGES[:, :side, :side], RNG.permutation(53)[:17]
    x = DeviceImages(images, "CPU:0")[index].numpy()
    assert x.dtype == np.float32
    assert x.shape == (17, side, side, 1)
    np.testing.assert_allclose(x[..., 0], images[index] / 255, rtol=1e-6)


def test_images_are_on_the_device_that_trains() -> None:
    """Two logical devices simulate CPU and GPU; images and training steps are on the second."""
    done = python(TWO_DEVICES, TF_CPP_MIN_LOG_LEVEL="3")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split() == [b"{'CPU:1'}", b"4"]


def test_evaluation_keeps_the_order() -> None:
    from nnlab.fashion.batches import evaluation_batches

    x, y, _ = collect(evaluation_batches(IMAGES, LABELS))
    np.testing.assert_allclose(x[..., 0], IMAGES / 255, rtol=1e-6)
    np.testing.assert_array_equal(y, LABELS)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak")
def test_an_evaluation_does_not_hold_the_activations_of_a_whole_batch() -> None:
    """Those of the first block are 200 MB."""
    done = python(PEAK, TF_CPP_MIN_LOG_LEVEL="3")
    assert done.returncode == 0, done.stderr.decode()
    assert float(done.stdout) < 100  # MB
