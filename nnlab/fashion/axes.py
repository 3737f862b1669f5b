"""The x axes of the curves of `nnlab fashion`."""

import math

from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.recorded import recorded
from nnlab.fashion.split import training_size
from nnlab.reports.groups import Axes
from nnlab.runs.saved import SavedRun

KNOWN = {
    "Fashion-MNIST": (60_000, 10_000),
    "Fashion-MNIST sample (2,000 + 500 images)": (2_000, 500),
}
"""Name of the data in run.json -> images for training and validation together, images of the test.

For older runs, which did not record these numbers.
"""


def axes(saved: SavedRun, config: FashionConfig) -> Axes:
    """Return steps, images seen, epochs and seconds at each log point of a run.

    Steps and images seen are left out if the number of training images is not known.
    """
    epochs = saved.metrics.get("epoch", [])
    found = {"epoch": epochs, "seconds": saved.metrics.get("seconds", [])}
    images = training_images(saved, config)
    if images is None:
        return found
    per_epoch = math.ceil(images / config.batch_size)
    return {
        "step": [epoch * per_epoch for epoch in epochs],
        "samples": [epoch * images for epoch in epochs],
        **found,
    }


def training_images(saved: SavedRun, config: FashionConfig) -> int | None:
    """Return the number of images that a run trained on, without those for validation.

    New runs have it in run.json; for an older run it follows from the known data sets. None if
    it is not known.

    Raises:
        DataError: run.json is damaged.
    """
    images = saved.record.get("training_images")
    if isinstance(images, int) and images > 0:
        return images
    try:
        return training_size(config, config.samples or KNOWN[recorded(saved).name][0])
    except (KeyError, UsageError):
        return None
