"""Config of `nnlab fashion`; the defaults are the assignment's (MISSION, Part 3)."""

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from nnlab.config.base import (
    AbsolutePath,
    Config,
    Epochs,
    LearningRate,
    Seed,
    Shuffle,
    refuse_two_orders,
)
from nnlab.config.floats import FloatType
from nnlab.config.strict import Whole
from nnlab.fashion.blocks import (
    IMAGE_SIDE,
    MOST_BLOCKS,
    MOST_SIDE,
    Block,
    DropoutRate,
    misfits,
)

ONE_CYCLE_WARMUP = 0.2
SMALLEST_AREA = 0.02  # share of an image that is erased; arXiv:1708.04896, section 4
Change = Literal["flip", "shift", "erase"]


class FashionConfig(Config):
    """A small convolutional network on Fashion-MNIST, and how it is trained."""

    packages: ClassVar[tuple[str, ...]] = ("tensorflow", "keras")
    may_change: ClassVar[frozenset[str]] = frozenset({"epochs", "patience", "device", "data_dir"})
    lengthens: ClassVar[tuple[str, ...]] = ("epochs",)
    groups: ClassVar[Mapping[str, str]] = {
        "filters": "Network",
        "optimizer": "Training",
        "augment": "Augmentation",
        "batch_size": "Training",
        "device": "Device and run",
        "data": "Data",
    }

    filters: tuple[Block, ...] = Field(
        (Block(filters=64), Block(filters=32)),
        min_length=1,
        max_length=MOST_BLOCKS,
        description="Filters of each convolution block; a block may also be a mapping, "
        "{filters: 64, kernel: 3, pool: 1, dropout: 0.1, skip: 1}.",
    )
    kernel_size: Whole = Field(
        2, ge=1, le=MOST_SIDE, description="Side of the kernels, in pixels, where a block has no "
        "`kernel`; at most the side of the images.",
    )  # fmt: skip
    conv_dropout: DropoutRate = Field(
        0.25, description="Dropout after each block's pooling, where it has no "
        "`dropout`.",
    )  # fmt: skip
    batch_norm: bool = Field(
        False,
        description="Batch normalization between pooling and relu.",
    )
    hidden: Whole = Field(
        128, ge=0, le=65_536, description="Units of the dense hidden layer; 0: no hidden layer."
    )
    dense_dropout: DropoutRate = Field(0.5, description="Dropout after the hidden layer.")
    optimizer: Literal["adam", "adamw", "sgd"] = Field("adam", description="Optimizer.")
    lr: LearningRate = 0.001
    lr_schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        "constant",
        description="How the learning rate changes: not at all; from lr to 0 along a cosine; or "
        "from lr / 25 up to lr, then down to 0.",
    )
    warmup: float | None = Field(
        None, ge=0, lt=1, description="Share of the steps in which the learning rate rises; null: "
        f"{ONE_CYCLE_WARMUP} for one-cycle, else 0.",
    )  # fmt: skip
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum (sgd only).")
    nesterov: bool = Field(False, description="Use Nesterov momentum (sgd only).")
    weight_decay: float = Field(
        0.0, ge=0, le=1000, description="Weight decay of the kernels (adamw and sgd only): each "
        "step subtracts lr times this share.",
    )  # fmt: skip
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of each label that is spread evenly over all classes."
    )
    ema: float | None = Field(
        None, gt=0, lt=1, description="Decay of a moving average of the weights; the averaged "
        "weights are validated, tested and saved. null: no average.",
    )  # fmt: skip
    augment: tuple[Change, ...] = Field(
        (), max_length=3, description="Random changes of the training images: flip (left to "
        "right), shift, erase (a rectangle).",
    )  # fmt: skip
    shift_pixels: Whole = Field(
        2, ge=1, lt=MOST_SIDE, description="Largest shift of augment, in pixels; less than the "
        "side of the images.",
    )  # fmt: skip
    erase_area: float = Field(
        0.2, ge=SMALLEST_AREA, le=1, description="Largest share of an image that augment's erase "
        "removes.",
    )  # fmt: skip
    tta: bool = Field(
        False, description="Validate and test on each image and its mirror image, averaged."
    )
    tta_shift: Whole = Field(
        0, ge=0, lt=MOST_SIDE, description="Validate and test also on the image moved by so many "
        "pixels up, down, left and right, averaged (with tta also on their mirror images); 0: not.",
    )  # fmt: skip
    batch_size: Whole = Field(32, ge=1, le=60_000, description="Images in each gradient step.")
    epochs: Epochs = 10
    validation_split: float = Field(
        0.2, ge=0, lt=1, description="Share of the training set, from its end, that is held "
        "out for validation before any shuffle; 0: no validation.",
    )  # fmt: skip
    patience: Whole | None = Field(
        None,
        ge=1,
        description="Stop after this many epochs without a better validation accuracy, and keep "
        "the best epoch's weights.",
    )
    shuffle: Shuffle = True
    order: Literal["stored", "once", "replacement", "flip-flop", "by-class"] = Field(
        "stored", description="Order of the images in an epoch, without shuffle: as stored; one "
        "random order for all epochs (once); drawn with replacement; a random order, and backwards "
        "in the next epoch (flip-flop); class after class, the classes in a random order "
        "(by-class).",
    )  # fmt: skip
    seed: Seed = 0
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="Where to train.")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        "float32", description="Type in which the layers compute; the weights are float32."
    )
    jit_compile: Literal["auto", "on", "off"] = Field(
        "auto", description="Compile the training step with XLA; auto: only on a GPU."
    )
    data: Literal["full", "sample", "own"] = Field(
        "full",
        description="All 60,000 + 10,000 images; the sample of 2,000 + 500 that comes with nnlab; "
        "or your own four IDX files in data_dir.",
    )
    data_dir: AbsolutePath | None = Field(None, description="Folder that holds the four IDX files.")
    transpose: bool = Field(
        False,
        description="Own images are stored column by column, as those of EMNIST.",
    )
    samples: Whole | None = Field(
        None, ge=2, description="Use only the first so many images of the training set, those for "
        "validation included; null: all. The test set stays whole.",
    )  # fmt: skip

    @property
    def computes_in(self) -> FloatType:
        """The type of weights and steps, whatever the layers compute in."""
        return "float32"

    @property
    def log_points(self) -> int:
        """One an epoch; with patience there may be fewer."""
        return self.epochs

    def run_name(self, experiment: str) -> str:
        """Return `EXPERIMENT-sample`, `-own` or `-part`: no one takes it for a run on all data."""
        part = "" if self.samples is None else "-part"
        return f"{experiment}{part}" if self.data == "full" else f"{experiment}-{self.data}"

    def lacks(self, metric: str) -> str:
        """Return why there is no `metric` of validation without held-out images."""
        if self.validation_split or not metric.startswith("val_"):
            return ""
        return f"validation_split 0 leaves no images to measure {metric} on"

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
    def bars(self) -> int:
        """How often the progress of a whole run goes from its start to its end."""
        return self.epochs

    @property
    def training_mode(self) -> str:
        """How the metrics of training are measured, beside those of validation."""
        rates = [self.conv_dropout if b.dropout is None else b.dropout for b in self.filters]
        dropout = any(rates) or (self.dense_dropout and self.hidden)
        how = ["dropout"] * bool(dropout) + ["augmentation"] * bool(self.augment)
        return f"training (with {' and '.join(how)})" if how else "training"

    def normalizes_one_value(self, side: int = IMAGE_SIDE) -> bool:
        """Whether some batch normalization sees one value per channel for one image.

        `side` is that of the images, in pixels.
        """
        smallest = side // math.prod(block.pool for block in self.filters)
        return self.batch_norm and (self.hidden > 0 or smallest <= 1)

    def misfits(self, side: int = IMAGE_SIDE) -> Iterator[str]:
        """Yield each reason why this config cannot train on images of `side` x `side` pixels."""
        yield from misfits(self.filters, self.kernel_size, side)
        if self.shift_pixels >= side:
            yield f"shift_pixels {self.shift_pixels} should be less than the images' side, {side}"
        if self.batch_size == 1 and self.normalizes_one_value(side):
            yield (
                "batch_norm at batch_size 1 normalizes one value per channel, which always gives "
                "0: nothing is learned; set batch_size to 2 or more, or batch_norm: false"
            )

    def fixed(self) -> dict[str, str]:
        """Return `epochs` where a schedule gave every step its learning rate for that many."""
        if self.constant_lr:
            return {}
        return {"epochs": "lr_schedule and warmup gave each step its lr for that many epochs"}

    @property
    def published(self) -> str:
        """The module of Fashion-MNIST, if the full data are looked for on the machine."""
        full = self.data == "full" and self.data_dir is None
        return "nnlab.fashion.dataset.shipped" if full else ""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse keys that contradict each other."""
        refuse_two_orders(self.order, shuffle=self.shuffle)
        if self.weight_decay and self.optimizer == "adam":
            raise ValueError(
                f"weight_decay {self.weight_decay:g} needs adamw or sgd; set optimizer: adamw"
            )
        if self.nesterov and self.optimizer != "sgd":
            raise ValueError(f"nesterov needs sgd, not {self.optimizer}; set optimizer: sgd")
        if self.tta and "flip" not in self.augment:
            raise ValueError(
                "tta without flip in augment: a network that was not trained on mirrored images is "
                "bad at them (docs/fashion.md); set augment: [flip], or tta: false"
            )
        if self.tta_shift > (most := self.shift_pixels * ("shift" in self.augment)):
            raise ValueError(
                f"tta_shift {self.tta_shift} is more than the {most} pixels by which augment "
                "shifts the training images; set augment: [shift] and shift_pixels, or tta_shift: 0"
            )
        if self.data == "own" and self.data_dir is None:
            raise ValueError(
                "data own needs data_dir, the folder of the four files: --data-dir DIR"
            )
        if self.transpose and self.data != "own":
            raise ValueError(f"transpose is for data own, not for data {self.data}")
        # The side of own images is not known yet; `train` checks again.
        if found := list(self.misfits(MOST_SIDE if self.data == "own" else IMAGE_SIDE)):
            raise ValueError("; ".join(found))
        if self.patience is not None and self.validation_split == 0:
            raise ValueError(
                f"patience {self.patience} needs images to validate on; "
                "set validation_split above 0, or patience: null"
            )
        if len(set(self.augment)) < len(self.augment):
            raise ValueError(f"augment names a change twice: {', '.join(self.augment)}")
        return self
