"""Batches carry the right images, in the right order, all of them."""

import os
from typing import Any

import numpy as np
import pytest

from nnlab.config import resolve
from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = pytest.mark.slow

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
    from nnlab.fashion.batches import in_orders

    orders = [RNG.permutation(53) for _ in range(3)]
    coming = iter(orders)
    dataset = in_orders(IMAGES, LABELS, 8, lambda: next(coming))
    assert len(dataset) == 7
    for order in orders:
        x, y, sizes = collect(dataset)
        assert sizes == [8] * 6 + [5]
        assert x.dtype == np.float32
        np.testing.assert_allclose(x[..., 0], IMAGES[order] / 255, rtol=1e-6)
        np.testing.assert_array_equal(y, LABELS[order])


def test_evaluation_keeps_the_order() -> None:
    from nnlab.fashion.batches import in_order

    x, y, _ = collect(in_order(IMAGES, LABELS))
    np.testing.assert_allclose(x[..., 0], IMAGES / 255, rtol=1e-6)
    np.testing.assert_array_equal(y, LABELS)


def test_shuffle_changes_the_order_from_epoch_to_epoch_and_no_shuffle_keeps_it() -> None:
    from nnlab.console import Silent
    from nnlab.fashion.callbacks import Epochs
    from nnlab.fashion.progress import Progress
    from nnlab.run import Run

    run = Run("fashion", resolve(FashionConfig, None, {}), Silent())
    orders: dict[bool, list[list[int]]] = {True: [], False: []}
    for shuffle, seen in orders.items():
        for done in (0, 1):
            config = FashionConfig(shuffle=shuffle, epochs=2)
            seen.append(Epochs(config, Progress(epoch=done), 53, run).order().tolist())
    assert orders[False] == [list(range(53))] * 2
    assert orders[True][0] != orders[True][1]
    assert all(sorted(order) == list(range(53)) for order in orders[True])
