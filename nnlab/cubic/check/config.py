"""Config of `nnlab check`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from nnlab.config.strict import Whole
from nnlab.cubic.config import NetworkConfig


class CheckConfig(NetworkConfig):
    """A network of `nnlab cubic` whose gradient is compared with numerical derivatives."""

    may_change: ClassVar[frozenset[str]] = frozenset()
    groups: ClassVar[Mapping[str, str]] = {"hidden": "Network", "gradient": "Check"}

    batch_size: Whole = Field(
        8, ge=1, le=1_000_000, description="Points x ~ U(-2, 2) over which the loss is a mean."
    )
    entries: Whole | None = Field(
        None, ge=1, description="Check so many random entries of each block; null: all of them."
    )
    autodiff: bool = Field(False, description="Compare with TensorFlow's gradient, too.")
