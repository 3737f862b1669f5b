"""Make the Keras optimizer that a config describes."""

from typing import Any

import keras
import tensorflow as tf

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.schedule import Schedule

NOT_DECAYED = ["bias", "gamma", "beta"]  # weight decay is for kernels only


class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, whose step of a variable is one operation of TensorFlow instead of a dozen.

    One pass over the variable and its moments is less memory traffic; the equations are Keras's.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Take the step of `variable`, a tf.Variable, and its two moments in place."""
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def build(config: FashionConfig, steps: int) -> Any:
    """Return the optimizer of `config` for a training of `steps` steps in total.

    Sources: Adam, Kingma & Ba, arXiv:1412.6980; AdamW, Loshchilov & Hutter, arXiv:1711.05101, whose
    weight decay is separate from the gradient, also in Keras's SGD; the average of the weights,
    Polyak & Juditsky 1992, here with exponential weights.
    """
    common: dict[str, Any] = {
        "learning_rate": config.lr if config.constant_lr else Schedule(config, steps),
        "weight_decay": config.weight_decay or None,
        "use_ema": config.ema is not None,
        "ema_momentum": config.ema or 0.0,
        "name": config.optimizer,  # part of the array names in a checkpoint
    }
    if config.optimizer == "sgd":
        built = keras.optimizers.SGD(momentum=config.momentum, nesterov=config.nesterov, **common)
    else:  # Keras's AdamW is its Adam with a weight decay
        built = FusedAdam(**common)
    if config.weight_decay:
        built.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return built
