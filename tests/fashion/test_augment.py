"""Augmentation changes each image independently, in training only."""

import os
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]

RNG = np.random.default_rng(0)
IMAGES = RNG.random((200, 28, 28, 1), np.float32) + 0.1  # no pixel is 0


def changed(changes: tuple[str, ...], training: bool = True, **keys: Any) -> Any:
    from nnlab.fashion.augment import Augment

    layer = Augment(changes, **({"shift_pixels": 2, "erase_area": 0.2} | keys))
    return np.asarray(layer(IMAGES, training=training))


def test_nothing_changes_outside_training() -> None:
    np.testing.assert_array_equal(changed(("flip", "shift", "erase"), training=False), IMAGES)


def test_flip_mirrors_about_half() -> None:
    out = changed(("flip",))
    mirrored = [np.array_equal(a, b[:, ::-1]) for a, b in zip(out, IMAGES, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(out, IMAGES, strict=True)]
    assert all(m != s for m, s in zip(mirrored, same, strict=True))
    assert 60 < sum(mirrored) < 140


@pytest.mark.parametrize("most", [1, 3])
def test_shift_moves_by_every_whole_number_of_pixels_and_fills_with_background(most: int) -> None:
    seen = set()
    padded = np.pad(IMAGES, ((0, 0), (most, most), (most, most), (0, 0)))
    for image, around in zip(changed(("shift",), shift_pixels=most), padded, strict=True):
        found = [
            (down, across)
            for down in range(2 * most + 1)
            for across in range(2 * most + 1)
            if np.array_equal(image, around[down : down + 28, across : across + 28])
        ]
        assert len(found) == 1
        seen.add(found[0])
    assert len(seen) == (2 * most + 1) ** 2 or most > 1
    assert {d for d, _ in seen} == {a for _, a in seen} == set(range(2 * most + 1))


@pytest.mark.parametrize("area", [0.02, 0.2, 1.0])
def test_erase_takes_one_rectangle_of_about_half_of_the_images(area: float) -> None:
    out = changed(("erase",), erase_area=area)
    shares = []
    for image, before in zip(out[..., 0], IMAGES[..., 0], strict=True):
        hole = image == 0
        np.testing.assert_array_equal(image[~hole], before[~hole])
        rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
        if len(rows):
            assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        shares.append(hole.mean())
    holes = np.array(shares)[np.array(shares) > 0]
    assert 60 < len(holes) < 140
    assert holes.max() <= area + 0.03  # a side is rounded to whole pixels
    assert holes.max() > 0.6 * area


def test_changes_depend_on_seed_and_epoch_only() -> None:
    from nnlab.fashion import network as networks
    from nnlab.fashion import state
    from nnlab.fashion.augment import Augment
    from nnlab.fashion.config import FashionConfig

    def images(seed: int, epoch: int) -> Any:
        network = networks.build(FashionConfig(augment=("flip", "shift", "erase")))
        state.seed_layers(network, seed, epoch)
        (layer,) = (la for la in network.layers if isinstance(la, Augment))
        return np.asarray(layer(IMAGES, training=True)), np.asarray(layer(IMAGES, training=True))

    first, second = images(0, 3)
    np.testing.assert_array_equal(first, images(0, 3)[0])
    for other in (second, images(0, 4)[0], images(1, 3)[0]):
        assert not np.array_equal(first, other)
