"""Backpropagation against independent results: differences, TensorFlow, a step by hand."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from nnlab.cubic.blas import stochastic_descent
from nnlab.cubic.network import (
    Array,
    Backpropagation,
    Parameters,
    initial_parameters,
    minibatch_descent,
    sigmoid,
)

Batch = tuple[Parameters, Array, Array]


def random_batch(hidden: int, batch: int, seed: int = 0, dtype: str = "float64") -> Batch:
    rng = np.random.default_rng(seed)
    parameters = initial_parameters(hidden, 0.5, rng, dtype)
    x = rng.uniform(-2, 2, (batch, 1)).astype(dtype)
    return parameters, x, x**3


def mean_loss(parameters: Parameters, x: Array, y: Array) -> float:
    """L, written a second time from the equations, with one expression per line."""
    p = parameters
    h1 = expit(x @ p["W1"].T + p["b1"])
    h2 = expit(h1 @ p["W2"].T + p["b2"])
    return float(np.mean((y - (h2 @ p["W3"].T + p["b3"])) ** 2))


def gradients(parameters: Parameters, x: Array, y: Array) -> Parameters:
    network = Backpropagation(parameters, len(x))
    network.forward(x)
    return {name: g.copy() for name, g in network.backward(x, y).items()}


def copied(parameters: Parameters) -> Parameters:
    return {name: p.copy() for name, p in parameters.items()}


@pytest.mark.parametrize(("hidden", "batch"), [(1, 1), (3, 1), (5, 4), (16, 7)])
def test_gradient_equals_central_differences(hidden: int, batch: int) -> None:
    parameters, x, y = random_batch(hidden, batch)
    h = 1e-5
    for name, gradient in gradients(parameters, x, y).items():
        numeric = np.empty_like(gradient)
        for index in np.ndindex(gradient.shape):
            centre = parameters[name][index]
            parameters[name][index] = centre + h
            above = mean_loss(parameters, x, y)
            parameters[name][index] = centre - h
            below = mean_loss(parameters, x, y)
            parameters[name][index] = centre
            numeric[index] = (above - below) / (2 * h)
        error = np.linalg.norm(gradient - numeric) / np.linalg.norm(numeric)
        assert error < 1e-7, name


@pytest.mark.slow
@pytest.mark.usefixtures("tensorflow")
def test_gradient_equals_tensorflows() -> None:
    import tensorflow as tf

    parameters, x, y = random_batch(hidden=20, batch=9)
    variables = {name: tf.Variable(p) for name, p in parameters.items()}
    with tf.GradientTape() as tape:
        h1 = tf.sigmoid(x @ tf.transpose(variables["W1"]) + variables["b1"])
        h2 = tf.sigmoid(h1 @ tf.transpose(variables["W2"]) + variables["b2"])
        f = h2 @ tf.transpose(variables["W3"]) + variables["b3"]
        loss = tf.reduce_mean((y - f) ** 2)
    expected = tape.gradient(loss, variables)
    for name, gradient in gradients(parameters, x, y).items():
        np.testing.assert_allclose(gradient, expected[name].numpy(), rtol=1e-11, atol=1e-14)


def test_one_step_worked_by_hand() -> None:
    """One unit per layer, x = y = 1: z1 = z2 = 0, so h1 = h2 = 1/2 and f = 1/2.

    d3 = -2 (1 - 1/2) = -1;  d2 = 1 * -1 * 1/4 = -1/4;  d1 = 2 * -1/4 * 1/4 = -1/8.
    """
    start = {"W1": [[0.0]], "b1": [0.0], "W2": [[2.0]], "b2": [-1.0], "W3": [[1.0]], "b3": [0.0]}
    by_hand = {
        "W1": 0 + 0.1 / 8, "b1": 0 + 0.1 / 8,
        "W2": 2 + 0.1 / 8, "b2": -1 + 0.1 / 4,
        "W3": 1 + 0.1 / 2, "b3": 0 + 0.1,
    }  # fmt: skip
    one = np.ones((1, 1))
    for descent in (stochastic_descent, partial(minibatch_descent, batch_size=1)):
        parameters = {name: np.array(value) for name, value in start.items()}
        error = descent(parameters, one, one, 0.1)
        assert error == pytest.approx(-0.5)
        for name, expected in by_hand.items():
            assert parameters[name].item() == pytest.approx(expected, abs=1e-15), name


def test_gradient_of_a_batch_is_the_mean_of_its_samples() -> None:
    parameters, x, y = random_batch(hidden=12, batch=5)
    whole = gradients(parameters, x, y)
    singles = [gradients(parameters, x[i : i + 1], y[i : i + 1]) for i in range(5)]
    for name, gradient in whole.items():
        np.testing.assert_allclose(gradient, np.mean([s[name] for s in singles], axis=0), 1e-12)


@given(
    hidden=st.integers(1, 40), samples=st.integers(1, 30), seed=st.integers(0, 99),
    lr=st.floats(1e-4, 0.1),
)  # fmt: skip
@settings(deadline=None, max_examples=50)
def test_blas_takes_the_same_steps(hidden: int, samples: int, seed: int, lr: float) -> None:
    parameters, x, y = random_batch(hidden, samples, seed)
    fast, plain = copied(parameters), copied(parameters)
    fast_errors = stochastic_descent(fast, x, y, lr)
    plain_errors = minibatch_descent(plain, x, y, lr, batch_size=1)
    np.testing.assert_allclose(fast_errors, plain_errors, rtol=1e-9, atol=1e-11)
    for name in parameters:
        np.testing.assert_allclose(fast[name], plain[name], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sweeps_in_pieces_are_one_sweep_to_the_bit(dtype: str) -> None:
    """The position of the log points must not change the weights."""
    parameters, x, y = random_batch(hidden=30, batch=60, dtype=dtype)

    sweeps: list[Callable[..., Array]] = [
        stochastic_descent,
        partial(minibatch_descent, batch_size=4),
    ]
    for sweep in sweeps:
        once, pieces = copied(parameters), copied(parameters)
        sweep(once, x, y, 0.01)
        for cut in (slice(0, 8), slice(8, 20), slice(20, 60)):
            sweep(pieces, x[cut], y[cut], 0.01)
        for name in parameters:
            assert once[name].dtype == np.dtype(dtype)
            np.testing.assert_array_equal(once[name], pieces[name])


def test_the_mean_of_a_smaller_last_batch_is_over_its_own_samples() -> None:
    parameters, x, y = random_batch(hidden=6, batch=7)
    expected = copied(parameters)
    for part in (slice(0, 4), slice(4, 7)):
        step = gradients(expected, x[part], y[part])
        for name, gradient in step.items():
            expected[name] -= 0.05 * gradient
    minibatch_descent(parameters, x, y, 0.05, batch_size=4)
    for name, parameter in parameters.items():
        np.testing.assert_allclose(parameter, expected[name], rtol=1e-13, atol=1e-15)


def test_sigmoid_is_right_for_large_z() -> None:
    z = np.array([-800.0, -30, -1e-3, 0, 1e-3, 30, 800])
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(sigmoid(z.copy()), expit(z), rtol=1e-15)


def test_saturated_units_cause_no_warning() -> None:
    parameters, x, y = random_batch(hidden=4, batch=3)
    parameters["W1"] *= 1e4
    for descent in (stochastic_descent, partial(minibatch_descent, batch_size=2)):
        assert np.isfinite(descent(copied(parameters), x, y, 0.01)).all()


def test_initial_parameters_have_the_given_standard_deviation() -> None:
    W2 = initial_parameters(200, 0.05, np.random.default_rng(1))["W2"]
    assert abs(W2.std() - 0.05) < 0.001
    assert len(np.unique(W2)) == W2.size


def test_a_thousand_steps_at_the_defaults_agree_with_a_direct_implementation() -> None:
    """A direct implementation of stochastic descent: `blas` must agree with it to 1e-9."""
    rng = np.random.default_rng(3)
    fast = initial_parameters(125, 0.05, rng)
    p = copied(fast)
    x = rng.uniform(-2, 2, (1000, 1))
    stochastic_descent(fast, x, x**3, 0.01)
    for (xi,) in x:
        h1 = expit(p["W1"][:, 0] * xi + p["b1"])
        h2 = expit(p["W2"] @ h1 + p["b2"])
        d3 = -2 * (xi**3 - (p["W3"][0] @ h2 + p["b3"][0]))
        d2 = p["W3"][0] * d3 * h2 * (1 - h2)
        d1 = (p["W2"].T @ d2) * h1 * (1 - h1)
        p["W3"] = p["W3"] - 0.01 * d3 * h2
        p["b3"] = p["b3"] - 0.01 * d3
        p["W2"] = p["W2"] - 0.01 * np.outer(d2, h1)
        p["b2"] = p["b2"] - 0.01 * d2
        p["W1"] = p["W1"] - 0.01 * d1[:, None] * xi
        p["b1"] = p["b1"] - 0.01 * d1
    for name, expected in p.items():
        np.testing.assert_allclose(fast[name], expected, rtol=1e-9, atol=1e-12)
