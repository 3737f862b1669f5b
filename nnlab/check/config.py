"""Config of `nnlab check`."""

from typing import ClassVar

from pydantic import Field

from nnlab.cubic.config import NetworkConfig


class CheckConfig(NetworkConfig):
    """A network of `nnlab cubic` whose gradient is compared with numerical derivatives."""

    may_change: ClassVar[frozenset[str]] = frozenset()

    batch_size: int = Field(
        8, ge=1, le=1_000_000, description="Points x ~ U(-2, 2) over which the loss is a mean."
    )
    entries: int | None = Field(
        None, ge=1, description="Check so many random entries of each block; null: all of them."
    )
    autodiff: bool = Field(False, description="Compare with TensorFlow's gradient, too.")
