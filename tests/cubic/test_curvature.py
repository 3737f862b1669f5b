"""The Hessian and its largest eigenvalue, compared with differences and with NumPy's."""

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.curvature import blocks, hessian_product, sharpness, vector
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import Array, Parameters, initial_parameters
from nnlab.cubic.replay import states


def case(hidden: int, samples: int = 20) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(hidden)
    x = rng.uniform(-2, 2, (samples, 1))
    return initial_parameters(hidden, 0.7, rng), x, x**3


def hessian(parameters: Parameters, x: Array, y: Array) -> Array:
    product = hessian_product(parameters, x, y)
    return np.array([product(unit) for unit in np.eye(len(vector(parameters)))])


@pytest.mark.parametrize("hidden", [1, 2, 8])
def test_the_hessian_is_the_derivative_of_the_gradient(hidden: int) -> None:
    parameters, x, y = case(hidden)
    theta, step = vector(parameters), 6e-6  # the cube root of float64's eps

    def gradient(at: Array) -> Array:
        return vector(gradients(blocks(at, hidden), x, y))

    shifts = step * np.eye(len(theta))
    differences = [(gradient(theta + s) - gradient(theta - s)) / (2 * step) for s in shifts]
    found = hessian(parameters, x, y)
    np.testing.assert_allclose(found, differences, atol=1e-8 * abs(found).max())
    np.testing.assert_allclose(found, found.T, atol=1e-14 * abs(found).max())


@pytest.mark.parametrize("hidden", [1, 2, 8])
def test_the_sharpness_is_the_largest_eigenvalue_of_numpy(hidden: int) -> None:
    parameters, x, y = case(hidden)
    values = np.linalg.eigvalsh(hessian(parameters, x, y))
    assert sharpness(parameters, x, y) == pytest.approx(values[-1], rel=1e-9)
    assert sharpness(parameters, x, y) == sharpness(parameters, x, y)  # to the bit


def test_the_sharpness_of_a_linear_layer_by_hand() -> None:
    """All parameters and targets 0: h2 = 1/2, and L = (W3 h2 + b3)^2 to second order."""
    parameters, x, y = case(8)
    zero = {name: np.zeros_like(p) for name, p in parameters.items()}
    assert sharpness(zero, x, 0 * y) == pytest.approx(2 * (8 * 0.5**2 + 1), rel=1e-12)


def test_vectors_and_blocks() -> None:
    parameters, *_ = case(3)
    theta = vector(parameters)
    assert theta.shape == (3**2 + 4 * 3 + 1,)
    back = blocks(theta, 3)
    assert list(back) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for name, block in back.items():
        np.testing.assert_array_equal(block, parameters[name])


def test_full_batch_training_goes_to_the_edge_of_stability() -> None:
    """The sharpness begins above 2 / lr, falls at once, then rises to 2 / lr and stays."""
    config = CubicConfig(
        hidden=32, samples=64, batch_size=64, epochs=2000, lr=0.2, init_scale=0.5, seed=1
    )
    x, y = data.points(config)
    edge, wanted = 2 / config.lr, [0, 10, 1000, 1500, 2000]
    found = [sharpness(parameters, x, y) for _, parameters in states(config, wanted)]
    assert found[0] > 1.5 * edge
    assert found[1] < edge / 2
    assert found[2:] == pytest.approx([edge] * 3, rel=0.1)
