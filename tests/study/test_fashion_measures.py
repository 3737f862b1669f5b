"""Measures of runs of fashion."""

from pathlib import Path
from typing import Any

import pytest

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.split import training_size
from nnlab.study.fashion_measures import validation_images
from nnlab.study.results import Reading
from tests.reports.logged import made


@pytest.mark.parametrize(
    ("images", "keys"),
    [
        (60_000, {}),
        (60_000, {"validation_split": 0.5}),
        (2_000, {"validation_split": 0.9}),
        (4_001, {"validation_split": 0.5, "samples": 4_001}),
        (60_000, {"validation_split": 0}),
    ],
)
def test_the_images_that_a_run_was_validated_on(
    tmp_path: Path, images: int, keys: dict[str, Any]
) -> None:
    config = FashionConfig(**keys)
    training = training_size(config, images)
    run = made(tmp_path / "a", "fashion", keys, [], training_images=training)
    (reading,) = validation_images(run)
    assert reading == Reading("validation_images", images - training)
