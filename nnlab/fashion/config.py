"""Config of `nnlab fashion`; the defaults are the assignment's (MISSION, Part 3)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nnlab.config import AbsolutePath, Config


class FashionConfig(Config):
    """A small convolutional network, trained with Adam on Fashion-MNIST."""

    may_change: ClassVar[frozenset[str]] = frozenset({"epochs", "patience", "device", "data_dir"})

    filters: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (64, 32), min_length=1, max_length=4, description="Filters of each convolution block."
    )
    kernel_size: int = Field(2, ge=1, le=28, description="Side of the kernels, in pixels.")
    conv_dropout: float = Field(0.25, ge=0, lt=1, description="Dropout after each pooling.")
    hidden: int = Field(128, ge=1, le=65_536, description="Units of the dense hidden layer.")
    dense_dropout: float = Field(0.5, ge=0, lt=1, description="Dropout after the hidden layer.")
    lr: float = Field(0.001, gt=0, description="Learning rate of Adam.")
    batch_size: int = Field(32, ge=1, le=60_000, description="Images in each gradient step.")
    epochs: int = Field(10, ge=1, description="Passes over the training images.")
    validation_split: float = Field(
        0.2, gt=0, lt=1, description="Last part of the training set, held out before any shuffle."
    )
    patience: int | None = Field(
        None,
        ge=1,
        description="Stop after so many epochs without a better validation accuracy, and keep "
        "the best epoch's weights.",
    )
    shuffle: bool = Field(True, description="Visit the images in a new order in every epoch.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of all that is random.")
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="Where to train.")
    data: Literal["full", "sample"] = Field(
        "full", description="Fashion-MNIST, or the shipped sample of 2,000 + 500 of its images."
    )
    data_dir: AbsolutePath | None = Field(None, description="Folder that holds the four IDX files.")

    def run_name(self, experiment: str) -> str:
        """Return `EXPERIMENT-sample` for a run on the sample: no one takes it for the real data."""
        return f"{experiment}-sample" if self.data == "sample" else experiment
