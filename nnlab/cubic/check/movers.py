"""What takes the steps that are checked: each engine as a training gets it."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from nnlab.cubic.check.cases import StepCase
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.engines import Descent, descent
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Backpropagation, Parameters


class Mover(NamedTuple):
    """Something that takes steps.

    Attributes:
        name: engine and file.
        begin: (case, lr) -> what takes the steps of a training with the case's batch size.
        serves: whether a training with that batch size would use it.
    """

    name: str
    begin: Callable[[StepCase, float], Descent]
    serves: Callable[[int], bool]


def movers(config: CheckConfig) -> tuple[list[Mover], str]:
    """Return all that take steps by the gradient of `config`, and a line on what is left out."""
    by_hand = Mover("descend", partial(_by_hand, NETWORKS[config.gradient]), lambda _: True)
    numpy_engine = partial(_engine, config, "numpy")
    if config.gradient != "exact":
        left_out = f"blas.py and engine numba have no {config.gradient} gradient"
        return [by_hand, Mover("numpy", numpy_engine, lambda _: True)], left_out
    found = [
        by_hand,
        Mover("numpy", numpy_engine, lambda batch_size: batch_size > 1),
        Mover("numpy, blas", numpy_engine, lambda batch_size: batch_size == 1),
    ]
    try:
        import numba  # noqa: F401 - is it there?
    except ImportError as error:
        return found, f"engine numba is not checked: Numba cannot be imported ({error})"
    return [*found, Mover("numba", partial(_engine, config, "numba"), lambda _: True)], ""


def _engine(config: CheckConfig, engine: str, case: StepCase, lr: float) -> Descent:
    """Return what takes the steps of `nnlab cubic`."""
    asked = {"engine": engine, "gradient": config.gradient, "hidden": len(case.parameters["b1"])}
    asked |= {"lr": lr, "batch_size": case.batch_size, "samples": len(case.x)}
    return descent(CubicConfig.model_validate(asked))[0]


def _by_hand(kind: type[Backpropagation], case: StepCase, lr: float) -> Descent:
    """Return what takes its steps by `forward`, `backward` and `descend` alone."""

    def take(p: Parameters, x: Array, y: Array) -> Array:
        errors = np.empty_like(y)
        for first in range(0, len(x), case.batch_size):
            part = slice(first, first + case.batch_size)
            network = kind(p, len(x[part]))
            network.forward(x[part])
            network.backward(x[part], y[part])
            errors[part] = network.error
            network.descend(lr)
        return errors

    return take
