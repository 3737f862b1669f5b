"""The training/validation split, the number of steps, and the parts of a batch."""

import math
from decimal import Decimal

from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig

MOST_PARTS = 2  # of a batch (benchmarks/fashion_steps.py)
IMAGES_A_PART = 8  # a smaller part does not pay


def first_held_out(config: FashionConfig, count: int) -> int:
    """Return where the held-out part of `count` training images begins.

    That is the whole part of count (1 - validation_split), Keras's rule, in decimal arithmetic: of
    2,000 images a split of 0.9 leaves 200 to train on, where binary fractions would leave 199.

    A `validation_split` of 0 holds nothing out.

    Raises:
        UsageError: no image, or less than a batch, is left to train on.
    """
    index = math.floor(count * (1 - Decimal(str(config.validation_split))))
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


def parts_of(config: FashionConfig, images: int) -> int:
    """Return into how many parts a batch is cut on a CPU, to be computed side by side.

    The parts shape the sums of a gradient, so that their number follows from the config and the
    number of training images, never from the cores of a machine. The last batch of an epoch may be
    the smallest; none of its parts is empty.
    """
    last = images % config.batch_size or config.batch_size
    return max(1, min(MOST_PARTS, config.batch_size // IMAGES_A_PART, last))
