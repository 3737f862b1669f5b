"""The gradient over all points, from several passes."""

import numpy as np
import pytest

from nnlab.cubic import full_gradient as module
from nnlab.cubic.full_gradient import by_layer, full_gradient
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import Array, Parameters, initial_parameters


def case(hidden: int = 5, samples: int = 23, scale: float = 0.7) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(hidden)
    x = rng.uniform(-2, 2, (samples, 1))
    return initial_parameters(hidden, scale, rng), x, x**3


@pytest.mark.parametrize("points_each", [1, 4, 23, 1000])
def test_passes_over_some_points_give_the_gradient_over_all(
    monkeypatch: pytest.MonkeyPatch, points_each: int
) -> None:
    monkeypatch.setattr(module, "MOST_NUMBERS", 5 * points_each)
    parameters, x, y = case()
    found = full_gradient(parameters, x, y)
    for name, expected in gradients(parameters, x, y).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-12, atol=1e-13)


def test_layers_are_sums_of_blocks() -> None:
    blocks = {"W1": 1.0, "b1": 2.0, "W2": 10.0, "b2": 20.0, "W3": 100.0, "b3": 200.0}
    assert by_layer(blocks) == {"1": 3.0, "2": 30.0, "3": 300.0, "all": 333.0}
