"""The gradient over all points, from several passes, and its norms."""

import numpy as np
import pytest

from nnlab.cubic import full_gradient as module
from nnlab.cubic.full_gradient import by_layer, full_gradient, gradient_norms, norm_ratios
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


def test_norms_are_those_of_numpy() -> None:
    parameters, x, y = case()
    g, found = gradients(parameters, x, y), gradient_norms(parameters, x, y)
    for name, gradient in g.items():
        assert found[name] == pytest.approx(np.linalg.norm(gradient.ravel()), rel=1e-12)
    for layer in "123":
        vector = np.concatenate([g["W" + layer].ravel(), g["b" + layer]])
        assert found[layer] == pytest.approx(np.linalg.norm(vector), rel=1e-12)
    everything = np.concatenate([gradient.ravel() for gradient in g.values()])
    assert found["all"] == pytest.approx(np.linalg.norm(everything), rel=1e-12)


def test_norms_of_float32_parameters_are_computed_in_float64() -> None:
    parameters, x, y = case()
    single = {name: p.astype(np.float32) for name, p in parameters.items()}
    double = {name: p.astype(np.float64) for name, p in single.items()}
    assert gradient_norms(single, x, y) == gradient_norms(double, x, y)


def test_layers_are_sums_of_blocks() -> None:
    blocks = {"W1": 1.0, "b1": 2.0, "W2": 10.0, "b2": 20.0, "W3": 100.0, "b3": 200.0}
    assert by_layer(blocks) == {"1": 3.0, "2": 30.0, "3": 300.0, "all": 333.0}


def test_a_layer_below_vanishes_with_the_weights_above() -> None:
    """d2 is proportional to W3, and d1 to W3 and W2: the ratios fall with scale and scale^2."""
    few, fewer = (norm_ratios(gradient_norms(*case(scale=scale))) for scale in (1e-3, 1e-4))
    assert few["2/3"] / fewer["2/3"] == pytest.approx(10, rel=0.01)
    assert few["1/3"] / fewer["1/3"] == pytest.approx(100, rel=0.01)
    assert np.isnan(norm_ratios(dict.fromkeys("123", 0.0))["1/3"])
