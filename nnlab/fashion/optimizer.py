"""Make the Keras optimizer that a config describes."""

from typing import Any

import keras

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.schedule import Schedule

NOT_DECAYED = ["bias", "gamma", "beta"]  # weight decay is for kernels only


def build(config: FashionConfig, steps: int) -> Any:
    """Return the optimizer of `config` for a training of `steps` steps in total.

    Sources: Adam, Kingma & Ba, arXiv:1412.6980; AdamW, Loshchilov & Hutter, arXiv:1711.05101, whose
    weight decay is separate from the gradient, also in Keras's SGD; the average of the weights,
    Polyak & Juditsky 1992, here with exponential weights.
    """
    common: dict[str, Any] = {
        "learning_rate": config.lr if config.constant_lr else Schedule(config, steps),
        "weight_decay": config.weight_decay or (0.0 if config.optimizer == "adamw" else None),
        "use_ema": config.ema is not None,
        "ema_momentum": config.ema or 0.0,
        "name": config.optimizer,  # part of the array names in a checkpoint
    }
    if config.optimizer == "sgd":
        built = keras.optimizers.SGD(momentum=config.momentum, nesterov=config.nesterov, **common)
    elif config.optimizer == "adamw":
        built = keras.optimizers.AdamW(**common)
    else:
        built = keras.optimizers.Adam(**common)
    if config.weight_decay:
        built.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return built
