"""Config of `nnlab fashion`; the defaults are the assignment's (MISSION, Part 3)."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from nnlab.config.base import AbsolutePath, Config
from nnlab.config.floats import FloatType
from nnlab.config.strict import Whole
from nnlab.fashion.blocks import (
    IMAGE_SIDE,
    MOST_BLOCKS,
    Block,
    DropoutRate,
    refuse_empty_images,
)

ONE_CYCLE_WARMUP = 0.2
SMALLEST_AREA = 0.02  # share of an image that is erased; arXiv:1708.04896, section 4
Change = Literal["flip", "shift", "erase"]


class FashionConfig(Config):
    """A small convolutional network on Fashion-MNIST, and how it is trained."""

    may_change: ClassVar[frozenset[str]] = frozenset({"epochs", "patience", "device", "data_dir"})
    groups: ClassVar[Mapping[str, str]] = {
        "filters": "Network",
        "optimizer": "Training",
        "augment": "Augmentation",
        "batch_size": "Training",
        "device": "Device and run",
        "data": "Data",
    }

    filters: Annotated[tuple[Block, ...], AfterValidator(refuse_empty_images)] = Field(
        (Block(filters=64), Block(filters=32)),
        min_length=1,
        max_length=MOST_BLOCKS,
        description="Filters of each convolution block; a block may also be a mapping, "
        "{filters: 64, kernel: 3, pool: 1, dropout: 0.1}.",
    )
    kernel_size: Whole = Field(
        2, ge=1, le=IMAGE_SIDE, description="Side of the kernels, in pixels, where a block has no "
        "`kernel`.",
    )  # fmt: skip
    conv_dropout: DropoutRate = Field(
        0.25, description="Dropout after each block's pooling, where it has no "
        "`dropout`.",
    )  # fmt: skip
    batch_norm: bool = Field(
        False,
        description="Batch normalization before each relu, both after the pooling.",
    )
    hidden: Whole = Field(
        128, ge=0, le=65_536, description="Units of the dense hidden layer; 0: no such layer."
    )
    dense_dropout: DropoutRate = Field(0.5, description="Dropout after the hidden layer.")
    optimizer: Literal["adam", "adamw", "sgd"] = Field("adam", description="What takes the steps.")
    lr: float = Field(0.001, gt=0, description="Learning rate, the largest of its schedule.")
    lr_schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        "constant",
        description="The learning rate over the run: as it is, down to 0 along a cosine, or "
        "up from a 25th of it and down to 0 along cosines.",
    )
    warmup: float | None = Field(
        None, ge=0, lt=1, description="Share of the steps in which the learning rate rises; null: "
        f"{ONE_CYCLE_WARMUP} of one-cycle, else 0.",
    )  # fmt: skip
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum of sgd.")
    nesterov: bool = Field(False, description="Nesterov's momentum, of sgd.")
    weight_decay: float = Field(
        0.0, ge=0, le=1000, description="Decay of the kernels, of adamw and sgd: each step takes "
        "lr times this share of them.",
    )  # fmt: skip
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of each label that is spread evenly over all classes."
    )
    ema: float | None = Field(
        None, gt=0, lt=1, description="Decay of the weights' moving average; with it the averages "
        "are validated, tested and kept. null: none.",
    )  # fmt: skip
    augment: tuple[Change, ...] = Field(
        (), max_length=3, description="Changes that training images are given at random: "
        "flip (left to right), shift, erase (a rectangle).",
    )  # fmt: skip
    shift_pixels: Whole = Field(
        2, ge=1, lt=IMAGE_SIDE, description="The farthest that augment's shift moves an image."
    )
    erase_area: float = Field(
        0.2, ge=SMALLEST_AREA, le=1, description="The largest share of an image that augment's "
        "erase takes.",
    )  # fmt: skip
    tta: bool = Field(
        False, description="Validate and test on each image and its mirror image, averaged."
    )
    batch_size: Whole = Field(32, ge=1, le=60_000, description="Images in each gradient step.")
    epochs: Whole = Field(10, ge=1, description="Passes over the training images.")
    validation_split: float = Field(
        0.2, ge=0, lt=1, description="Last part of the training set, held out before any shuffle; "
        "0: train on all of it, and validate on nothing.",
    )  # fmt: skip
    patience: Whole | None = Field(
        None,
        ge=1,
        description="Stop after so many epochs without a better validation accuracy, and keep "
        "the best epoch's weights.",
    )
    shuffle: bool = Field(True, description="Visit the images in a new order in every epoch.")
    seed: Whole = Field(0, ge=0, le=2**32 - 1, description="Seed of all that is random.")
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="Where to train.")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        "float32", description="What the layers compute in; the weights are float32."
    )
    jit_compile: Literal["auto", "on", "off"] = Field(
        "auto", description="Compile the training step with XLA; auto: on a GPU alone."
    )
    data: Literal["full", "sample"] = Field(
        "full", description="Fashion-MNIST, or the shipped sample of 2,000 + 500 of its images."
    )
    data_dir: AbsolutePath | None = Field(None, description="Folder that holds the four IDX files.")

    @property
    def computes_in(self) -> FloatType:
        """The type of weights and steps, whatever the layers compute in."""
        return "float32"

    def run_name(self, experiment: str) -> str:
        """Return `EXPERIMENT-sample` for a run on the sample: no one takes it for the real data."""
        return f"{experiment}-sample" if self.data == "sample" else experiment

    @property
    def warmup_share(self) -> float:
        """The share of the steps in which the learning rate rises."""
        if self.warmup is not None:
            return self.warmup
        return ONE_CYCLE_WARMUP if self.lr_schedule == "one-cycle" else 0.0

    @property
    def constant_lr(self) -> bool:
        """Whether every step has the same learning rate."""
        return self.lr_schedule == "constant" and not self.warmup_share

    @property
    def training_mode(self) -> str:
        """How the metrics of training are measured, beside those of validation."""
        rates = [self.conv_dropout if b.dropout is None else b.dropout for b in self.filters]
        dropout = any(rates) or (self.dense_dropout and self.hidden)
        how = ["dropout"] * bool(dropout) + ["augmentation"] * bool(self.augment)
        return f"training (with {' and '.join(how)})" if how else "training"

    @property
    def normalizes_one_value(self) -> bool:
        """Whether some batch normalization sees one value a channel if it sees one image."""
        smallest = IMAGE_SIDE // math.prod(block.pool for block in self.filters)
        return self.batch_norm and (self.hidden > 0 or smallest <= 1)

    def fixed(self) -> dict[str, str]:
        """Return `epochs` where a schedule gave every step its learning rate for that many."""
        if self.constant_lr:
            return {}
        return {"epochs": "lr_schedule and warmup gave each step its lr for that many epochs"}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse keys that contradict each other."""
        if self.weight_decay and self.optimizer == "adam":
            raise ValueError(
                f"weight_decay {self.weight_decay:g} is of adamw and sgd; set optimizer: adamw"
            )
        if self.nesterov and self.optimizer != "sgd":
            raise ValueError(f"nesterov is of sgd, not of {self.optimizer}; set optimizer: sgd")
        if self.tta and "flip" not in self.augment:
            raise ValueError(
                "tta without flip in augment: a network that never saw a mirrored image is bad at "
                "them (docs/fashion.md); set augment: [flip], or tta: false"
            )
        if self.normalizes_one_value and self.batch_size == 1:
            raise ValueError(
                "batch_norm at batch_size 1 normalizes one value a channel, which is always 0, so "
                "that nothing is learned; set batch_size of 2 or more, or batch_norm: false"
            )
        if self.patience is not None and self.validation_split == 0:
            raise ValueError(
                f"patience {self.patience} needs images to validate on; "
                "set validation_split above 0, or patience: null"
            )
        if len(set(self.augment)) < len(self.augment):
            raise ValueError(f"augment names a change twice: {', '.join(self.augment)}")
        return self
