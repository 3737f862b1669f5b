"""Warnings at the start, for configs that train but probably not as the user expects."""

import math
from collections.abc import Iterator

from nnlab.fashion.blocks import IMAGE_SIDE
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.split import total_steps

FORGOTTEN = 0.05  # largest share of the initial weights in an average at the end


def cautions(config: FashionConfig, images: int, side: int = IMAGE_SIDE) -> Iterator[str]:
    """Yield one warning for each problem of a training on `images` images of `side` pixels."""
    if config.normalizes_one_value(side) and images % config.batch_size == 1:
        yield (
            f"warning: with batch_size {config.batch_size:,} the last batch of an epoch has one "
            "image, and batch_norm turns its only value in each channel into 0; take a batch_size "
            f"that does not leave 1 of the {images:,} images over"
        )
    steps = total_steps(config, images)
    if config.ema is not None and (left := config.ema**steps) > FORGOTTEN:
        enough = math.ceil(math.log(FORGOTTEN) / math.log(config.ema))
        yield (
            f"warning: after the {steps:,} steps of this run the average with ema "
            f"{config.ema:g} still contains {left:.0%} of the initial weights; it needs "
            f"{enough:,} steps: take a smaller --ema, or more epochs"
        )
