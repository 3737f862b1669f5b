"""The training/validation split, the number of steps, and the parts of a batch."""

import math
from decimal import Decimal

from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig

MOST_PARTS = 2  # of a batch (benchmarks/fashion_steps.py)
IMAGES_A_PART = 8  # the smallest part that makes a step faster


def training_size(config: FashionConfig, count: int) -> int:
    """Return how many of `count` images are for training; the images after them are for validation.

    This is floor(count (1 - validation_split)), as in Keras, but in decimal arithmetic: a split of
    0.9 leaves 200 of 2,000 images for training; binary fractions would leave 199. With a
    `validation_split` of 0 there is no validation.

    Raises:
        UsageError: less than one batch is left for training, or no image for validation.
    """
    index = math.floor(count * (1 - Decimal(str(config.validation_split))))
    if index == count and config.validation_split:
        raise UsageError(
            f"validation_split {config.validation_split:g} leaves none of the {count:,} images "
            "for validation; take a larger one, or 0 for no validation"
        )
    if index == 0:
        raise UsageError(
            f"validation_split {config.validation_split} leaves none of the {count:,} images "
            "for training; take a smaller one"
        )
    if index < config.batch_size:
        raise UsageError(
            f"batch_size {config.batch_size:,} is more than the {index:,} images that "
            f"validation_split {config.validation_split:g} leaves for training; "
            "take a smaller batch_size"
        )
    return index


def total_steps(config: FashionConfig, images: int) -> int:
    """Return the number of gradient steps of a whole training on `images` images."""
    return math.ceil(images / config.batch_size) * config.epochs


def parts_per_batch(config: FashionConfig, images: int) -> int:
    """Return the number of parts of a batch, which a CPU computes in parallel.

    The number of parts affects the rounding of a gradient's sums. It therefore depends on the
    config and on the number of training images only, never on the machine's cores. No part is
    empty, not even in the last batch of an epoch, which may be smaller.
    """
    last = images % config.batch_size or config.batch_size
    return max(1, min(MOST_PARTS, config.batch_size // IMAGES_A_PART, last))
