"""The learning rate of each step.

    step t (from 0) of T, w = warmup T steps of warmup; u = t / w, v = (t - w) / (T - w):

               t < w                                   t >= w
    constant   lr (t + 1) / (w + 1)                    lr
    cosine     lr (t + 1) / (w + 1)                    lr (1 + cos(pi v)) / 2
    one-cycle  lr / 25 + 24/25 lr (1 - cos(pi u)) / 2  lr (1 + cos(pi v)) / 2

Sources: cosine, Loshchilov & Hutter, arXiv:1608.03983; one-cycle, Smith & Topin, arXiv:1708.07120,
with the curve of PyTorch's OneCycleLR (the momentum stays constant).
"""

import math
from typing import Any

import keras
from keras import ops

from nnlab.fashion.config import FashionConfig

START = 25  # one-cycle starts at lr / 25


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate as a function of the number of steps done."""

    def __init__(self, config: FashionConfig, steps: int) -> None:
        """Make the schedule of `config` for a training of `steps` steps in total."""
        super().__init__()
        self.lr = config.lr
        self.kind = config.lr_schedule
        self.warm = config.warmup_share * steps
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """Return the learning rate of the step that follows `step` steps."""
        t = ops.cast(step, "float32")
        if self.kind == "one-cycle":
            up = 1 / START + (1 - 1 / START) * _half_cosine(t / max(self.warm, 1e-9))
        else:
            up = (t + 1) / (self.warm + 1)
        down: Any = 1.0
        if self.kind != "constant":
            down = 1 - _half_cosine((t - self.warm) / (self.steps - self.warm))
        return self.lr * ops.where(t < self.warm, up, down)

    def get_config(self) -> dict[str, Any]:
        """Return the parameters, as Keras requires; nnlab rebuilds a schedule from config.yaml."""
        return {"lr": self.lr, "kind": self.kind, "warm": self.warm, "steps": self.steps}


def _half_cosine(share: Any) -> Any:
    """Return (1 - cos(pi share)) / 2, which rises from 0 to 1 with `share`, clipped to [0, 1]."""
    return (1 - ops.cos(math.pi * ops.clip(share, 0.0, 1.0))) / 2
