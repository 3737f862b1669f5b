"""The experiments: name, config, entry."""

from nnlab.config.base import Config
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.config import CubicConfig
from nnlab.fashion.config import FashionConfig

MODELS: dict[str, type[Config]] = {
    "cubic": CubicConfig,
    "fashion": FashionConfig,
    "check": CheckConfig,
}
ENTRIES = {
    "cubic": "nnlab.cubic.train:train",
    "fashion": "nnlab.fashion.train:train",
    "check": "nnlab.cubic.check.check:check",
}
