"""Configs that train, but hardly as their user expects: each is worth a warning at the start."""

import math
from collections.abc import Iterator

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.split import steps_of

FORGOTTEN = 0.05  # share of an average's start that may be left in it at the end


def warnings(config: FashionConfig, images: int) -> Iterator[str]:
    """Yield a line for each thing that a training on so many images should be warned of."""
    if config.normalizes_one_value and images % config.batch_size == 1:
        yield (
            f"warning: batch_size {config.batch_size:,} leaves one image for the last of an "
            "epoch's batches, in which batch_norm normalizes one value a channel to 0; "
            f"take a batch_size that does not leave 1 of {images:,}"
        )
    steps = steps_of(config, images)
    if config.ema is not None and (left := config.ema**steps) > FORGOTTEN:
        enough = math.ceil(math.log(FORGOTTEN) / math.log(config.ema))
        yield (
            f"warning: ema {config.ema:g} is an average that still holds {left:.0%} of its start "
            f"after the {steps:,} steps of this run; it needs {enough:,} steps: "
            "take a smaller --ema, or more epochs"
        )
