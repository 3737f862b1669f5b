"""The engines under test: every implementation of the training step that `nnlab cubic` can use."""

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


class EngineUnderTest(NamedTuple):
    """One implementation of the training step.

    Attributes:
        name: engine, and the file if the engine has two implementations.
        start: (case, lr) -> the function that takes the steps, as in a training with this
            learning rate and the case's batch size.
        serves: batch size -> whether a training with this batch size would use it.
    """

    name: str
    start: Callable[[StepCase, float], Descent]
    serves: Callable[[int], bool]


def engines_under_test(config: CheckConfig) -> tuple[list[EngineUnderTest], str]:
    """Return the engines that have the gradient of `config`, and a line on what is not checked."""
    by_hand = EngineUnderTest(
        "descend", partial(_by_hand, NETWORKS[config.gradient]), lambda _: True
    )
    numpy_engine = partial(_engine, config, "numpy")
    if config.gradient == "exact":
        found = [
            by_hand,
            EngineUnderTest("numpy", numpy_engine, lambda batch_size: batch_size > 1),
            EngineUnderTest("numpy, blas", numpy_engine, lambda batch_size: batch_size == 1),
        ]
    else:  # blas.py has only the exact gradient
        found = [by_hand, EngineUnderTest("numpy", numpy_engine, lambda _: True)]
    try:
        import numba  # noqa: F401 - only to know whether it is installed
    except ImportError as error:
        return found, f"not checked: engine numba, because Numba cannot be imported ({error})"
    numba_engine = partial(_engine, config, "numba")
    return [*found, EngineUnderTest("numba", numba_engine, lambda _: True)], ""


def _engine(config: CheckConfig, engine: str, case: StepCase, lr: float) -> Descent:
    """Return the function that takes the steps of `nnlab cubic`."""
    asked = {"engine": engine, "gradient": config.gradient, "hidden": len(case.parameters["b1"])}
    asked |= {"lr": lr, "batch_size": case.batch_size, "samples": len(case.x)}
    return descent(CubicConfig.model_validate(asked))[0]


def _by_hand(kind: type[Backpropagation], case: StepCase, lr: float) -> Descent:
    """Return a function that takes steps with only `forward`, `backward` and `descend`."""

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
