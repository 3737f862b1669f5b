"""What of the training set is trained on, and how many steps that makes."""

import math

from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig


def first_held_out(config: FashionConfig, count: int) -> int:
    """Return where the held-out part of `count` training images begins (Keras's own rule).

    A `validation_split` of 0 holds nothing out.

    Raises:
        UsageError: no image, or less than a batch, is left to train on.
    """
    index = math.floor(count * (1 - config.validation_split))
    if index == count and config.validation_split:
        raise UsageError(
            f"validation_split {config.validation_split:g} leaves none of the {count:,} images "
            "to validate on"
        )
    if index == 0:
        raise UsageError(
            f"validation_split {config.validation_split} leaves none of the {count:,} images to "
            "train on; take a smaller one"
        )
    if index < config.batch_size:
        raise UsageError(
            f"batch_size {config.batch_size:,} is more than the {index:,} images that "
            f"validation_split {config.validation_split:g} leaves to train on; take a smaller batch"
        )
    return index


def steps_of(config: FashionConfig, images: int) -> int:
    """Return the gradient steps of a whole training on so many images."""
    return math.ceil(images / config.batch_size) * config.epochs
