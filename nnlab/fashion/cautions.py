"""Warnings at the start, for configs and data that train but probably not as the user expects."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnlab.fashion.blocks import IMAGE_SIDE
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.split import total_steps
from nnlab.text import listed

FORGOTTEN = 0.05  # largest share of the initial weights in an average at the end
FEW_TESTED = 100  # images; the standard error of an accuracy is then up to 0.05
FEW_OF_A_CLASS = 10  # images
DARK = 64  # of 255; pictures of 0 to 1 or 0 to 16 were not scaled


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


def of_data(dataset: Dataset, images: int) -> Iterator[str]:
    """Yield one warning for each problem of data whose first `images` images are for training."""
    count = len(dataset.classes)
    trained, validated, tested = (
        np.bincount(labels, minlength=count)  # (classes,)
        for labels in (dataset.y_train[:images], dataset.y_train[images:], dataset.y_test)
    )

    def names(which: NDArray[np.bool_]) -> str:
        return listed(
            [name for name, is_meant in zip(dataset.classes, which, strict=True) if is_meant]
        )

    if (held_out := (trained == 0) & (validated > 0)).any():
        yield (
            f"warning: the last {validated.sum():,} training images are held out for "
            f"validation, and all images of {names(held_out)} are among them: the network never "
            "sees one. Mix the images of the file, or set validation_split: 0"
        )
    if (only_tested := trained + validated == 0).any():
        yield (
            f"warning: there is no training image of {names(only_tested)}: "
            f"{tested[only_tested].sum():,} of {tested.sum():,} test images will be mistakes"
        )
    if (not_tested := tested == 0).any():
        yield f"warning: there is no test image of {names(not_tested)}: the test cannot judge them"
    if (few := (trained > 0) & (trained < FEW_OF_A_CLASS)).any():
        yield (
            f"warning: there are fewer than {FEW_OF_A_CLASS} training images of {names(few)}: the "
            "network can hardly learn that"
        )
    if len(dataset.y_test) < FEW_TESTED:
        error = 0.5 / math.sqrt(len(dataset.y_test))
        yield (
            f"warning: there are only {len(dataset.y_test)} test images: the standard error of the "
            f"test accuracy is up to {error:.2f}"
        )
    if (brightest := int(dataset.x_train.max())) < DARK:
        yield (
            f"warning: the brightest pixel of the training images is {brightest} of 255; scale the "
            "pixels to 0 to 255"
        )
    if np.array_equal(dataset.x_train, dataset.x_test):
        yield "warning: the test images are the training images: the test says nothing about others"
