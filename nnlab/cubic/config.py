"""Config of `nnlab cubic`; the defaults are the assignment's (MISSION, Part 1)."""

from typing import Literal, Self

from pydantic import Field, model_validator

from nnlab.config import Config


class CubicConfig(Config):
    """A network with two hidden layers, trained by gradient descent on y = x^3."""

    hidden: int = Field(125, ge=1, le=20_000, description="Units in each of the two hidden layers.")
    lr: float = Field(0.01, gt=0, description="Learning rate.")
    samples: int = Field(
        100_000, ge=1, le=100_000_000, description="Training points, drawn once from U(-2, 2)."
    )
    batch_size: int = Field(1, ge=1, description="Samples in each gradient step.")
    epochs: int = Field(1, ge=1, description="Passes over the training points.")
    shuffle: bool = Field(True, description="Visit the points in a new order in every epoch.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Seed of all that is random.")
    init_scale: float = Field(
        0.05, ge=0, le=1e6, description="Standard deviation of the initial parameters."
    )
    dtype: Literal["float64", "float32"] = Field("float64", description="Type of every number.")
    log_every: int = Field(1000, ge=1, description="Steps from one log point to the next.")
    gif: bool = Field(True, description="Write training.gif, the fit taking shape.")

    @model_validator(mode="after")
    def _batch_fits(self) -> Self:
        if self.batch_size > self.samples:
            raise ValueError(
                f"batch_size {self.batch_size:,} is more than samples {self.samples:,}; "
                "for full-batch descent make them equal"
            )
        return self
