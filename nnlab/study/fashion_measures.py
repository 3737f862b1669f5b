"""Measures of runs of `nnlab fashion`."""

import math
from collections.abc import Iterator
from decimal import Decimal

from nnlab.runs.saved import SavedRun
from nnlab.study.results import Reading


def validation_images(saved: SavedRun) -> Iterator[Reading]:
    """Yield the number of images that a run was validated on: `validation_images`.

    It is what `samples` leaves beside the training images. Without `samples`, it is the smallest
    number of which `validation_split` leaves so many for training.
    """
    training = int(saved.record["training_images"])
    split = Decimal(str(saved.config["validation_split"]))
    images = saved.config.get("samples") or math.ceil(training / (1 - split))
    yield Reading("validation_images", images - training)
