"""Compare the steps of each optimizer with the equations of its paper in NumPy."""

import os
from typing import Any

import numpy as np
import pytest

from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]

GRADIENTS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def steps(name: str = "kernel", **keys: Any) -> tuple[Any, Any]:
    """Return a variable, initially 1, after each of five steps, and its average at the end."""
    import keras

    from nnlab.fashion import optimizer

    variable = keras.Variable(np.ones(3, np.float32), name=name)
    built = optimizer.build(FashionConfig(lr=0.1, **keys), len(GRADIENTS))
    built.build([variable])
    after = []
    for gradient in GRADIENTS:
        built.apply([gradient], [variable])
        after.append(variable.numpy())
    built.finalize_variable_values([variable])
    return np.array(after), variable.numpy()


def adam(decay: float) -> Any:
    w, m, v, after = np.ones(3), 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS.astype(float), 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w * (1 - 0.1 * decay)
        w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
        after.append(w)
    return np.array(after)


def sgd(nesterov: bool, decay: float) -> Any:
    w, velocity, after = np.ones(3), np.zeros(3), []
    for g in GRADIENTS.astype(float):
        velocity = 0.8 * velocity - 0.1 * g
        w = w * (1 - 0.1 * decay)
        w = w + (0.8 * velocity - 0.1 * g if nesterov else velocity)
        after.append(w)
    return np.array(after)


def test_adam_and_adamw() -> None:
    np.testing.assert_allclose(steps()[0], adam(0), rtol=1e-4)
    decayed = steps(optimizer="adamw", weight_decay=0.5)[0]
    np.testing.assert_allclose(decayed, adam(0.5), rtol=1e-4)
    assert not np.allclose(decayed, adam(0), rtol=1e-2)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd(nesterov: bool) -> None:
    keys: dict[str, Any] = {"optimizer": "sgd", "momentum": 0.8, "nesterov": nesterov}
    np.testing.assert_allclose(steps(**keys)[0], sgd(nesterov, 0), rtol=1e-5)
    np.testing.assert_allclose(steps(**keys, weight_decay=0.5)[0], sgd(nesterov, 0.5), rtol=1e-5)


@pytest.mark.parametrize("name", ["bias", "gamma", "beta"])
def test_only_kernels_decay(name: str) -> None:
    keys: dict[str, Any] = {"optimizer": "adamw", "weight_decay": 0.5}
    np.testing.assert_array_equal(steps(name, **keys)[0], steps(name, optimizer="adamw")[0])


def test_the_average_of_the_weights_is_exponential_from_the_first_step_on() -> None:
    after, average = steps(ema=0.7)
    by_hand = after[0]
    for weights in after[1:]:
        by_hand = 0.7 * by_hand + 0.3 * weights
    np.testing.assert_allclose(average, by_hand, rtol=1e-5)
    np.testing.assert_array_equal(*(steps()[0][-1], steps()[1]))  # without ema: the weights
