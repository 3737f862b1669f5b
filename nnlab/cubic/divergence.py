"""Divergence: everything that turns a number that is not finite into a DivergedError.

There are two checks, because neither sees every case:

1. `squared_errors` checks the loss of each step. It sees a bad weight one step later.
2. `check_finite` checks the weights, which the last step can make infinite after its loss was
   computed. It runs before a log point and before a checkpoint, so neither holds such numbers.
"""

import numpy as np

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array, Parameters
from nnlab.errors import DivergedError


@np.errstate(over="ignore")
def squared_errors(config: CubicConfig, errors: Array, steps_before: int) -> Array:
    """Return (y - f)^2 of each sample as float64, (samples,).

    Args:
        config: the config of the run.
        errors: f - y of each sample, (samples, 1).
        steps_before: gradient steps taken before the first of these samples.

    Raises:
        DivergedError: one is not finite; it names the step.
    """
    squares = np.square(errors[:, 0], dtype=np.float64)
    finite = np.isfinite(squares)
    if not finite.all():
        first = int(np.argmin(finite))
        step = steps_before + first // config.batch_size + 1
        raise DivergedError(step, config.lr, squares[first])
    return squares


def check_finite(
    config: CubicConfig, step: int, loss: float, parameters: Parameters, *more: Array
) -> None:
    """Raise DivergedError if a parameter, or a number in `more`, is not finite after `step`."""
    if not all(np.isfinite(array).all() for array in (*parameters.values(), *more)):
        raise DivergedError(step, config.lr, loss, what="the network is")
