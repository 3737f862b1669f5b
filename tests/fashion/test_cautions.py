"""A config with which training could hardly learn gets an error or a warning."""

import pytest

from nnlab.fashion.cautions import cautions
from nnlab.fashion.config import FashionConfig
from tests.conftest import Nnlab

SAMPLE = ("fashion", "--data", "sample", "--batch-norm")
POOLED_AWAY = "{filters: 2, pool: 28}"


@pytest.mark.parametrize("options", [(), ("--hidden", 0, "--filters", POOLED_AWAY)])
def test_normalizing_one_value_is_refused(nnlab: Nnlab, options: tuple[object, ...]) -> None:
    done = nnlab(*SAMPLE, "--batch-size", 1, *options)
    assert done.returncode == 2
    assert "normalizes one value per channel" in done.stderr
    assert "batch_size to 2 or more" in done.stderr
    assert "TensorFlow" not in done.stderr


def test_one_image_of_many_pixels_can_be_normalized() -> None:
    FashionConfig(batch_norm=True, hidden=0, batch_size=1)


def test_a_last_batch_of_one_image() -> None:
    config = FashionConfig(batch_norm=True, batch_size=3)
    (line,) = cautions(config, 1600)
    assert "the last batch of an epoch has one image" in line
    assert list(cautions(config, 1601)) == []
    assert list(cautions(config.model_copy(update={"hidden": 0}), 1600)) == []


def test_an_average_that_still_contains_the_initial_weights() -> None:
    config = FashionConfig(ema=0.9999, epochs=2)  # 50 steps an epoch
    (line,) = cautions(config, 1600)
    assert "after the 100 steps of this run" in line
    assert "still contains 99% of the initial weights" in line
    assert "it needs 29,956 steps" in line  # 0.9999^29,956 = 0.05
    assert list(cautions(FashionConfig(ema=0.95, epochs=2), 1600)) == []
