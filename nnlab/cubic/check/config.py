"""Config of `nnlab check`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from nnlab.config.strict import Whole
from nnlab.cubic.config import NetworkConfig


class CheckConfig(NetworkConfig):
    """A network of `nnlab cubic`, and how to check its gradient."""

    groups: ClassVar[Mapping[str, str]] = {"hidden": "Network", "gradient": "Check"}

    batch_size: Whole = Field(
        8, ge=1, le=1_000_000, description="Points x from U(-2, 2); the loss is the mean over them."
    )
    entries: Whole | None = Field(
        None,
        ge=1,
        description="Random entries to check in each block; null: all entries.",
    )
    autodiff: bool = Field(False, description="Also compare with TensorFlow's gradient.")
