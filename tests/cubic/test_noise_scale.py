"""tr(Sigma) from one pass, compared with the gradient of each point alone."""

import tracemalloc

import numpy as np
import pytest

from nnlab.cubic import full_gradient
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import Array, Parameters, initial_parameters
from nnlab.cubic.noise_scale import batch_deviation, gradient_noise


def case(hidden: int, samples: int) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(2)
    x = rng.uniform(-2, 2, (samples, 1))
    return initial_parameters(hidden, 0.5, rng), x, x**3


def each_gradient(parameters: Parameters, x: Array, y: Array, names: list[str]) -> Array:
    """Return the gradient of each point alone in these blocks, (samples, parameters)."""
    each = (gradients(parameters, *xy) for xy in zip(x, y, strict=True))
    return np.array([np.concatenate([g[name].ravel() for name in names]) for g in each])


@pytest.mark.parametrize(("hidden", "samples"), [(1, 2), (7, 60), (30, 50)])
@pytest.mark.parametrize("points_each", [13, 1000])
def test_trace_and_norm_are_those_of_the_covariance_of_all_gradients(
    monkeypatch: pytest.MonkeyPatch, hidden: int, samples: int, points_each: int
) -> None:
    monkeypatch.setattr(full_gradient, "MOST_NUMBERS", hidden * points_each)
    parameters, x, y = case(hidden, samples)
    noise = gradient_noise(parameters, x, y)
    for name in parameters:
        rows = each_gradient(parameters, x, y, [name])
        assert noise.trace[name] == pytest.approx(rows.var(axis=0).sum(), rel=1e-10)
        np.testing.assert_allclose(noise.mean[name].ravel(), rows.mean(axis=0), rtol=1e-10)
    for layer in "123":
        rows = each_gradient(parameters, x, y, ["W" + layer, "b" + layer])
        trace = np.trace(np.cov(rows.T, bias=True))
        norm = np.sum(rows.mean(axis=0) ** 2)
        assert noise.traces[layer] == pytest.approx(trace, rel=1e-10)
        assert noise.squared_norms[layer] == pytest.approx(norm, rel=1e-10)
        assert noise.scales[layer] == pytest.approx(trace / norm, rel=1e-10)
    rows = each_gradient(parameters, x, y, list(parameters))
    trace, norm = rows.var(axis=0).sum(), np.sum(rows.mean(axis=0) ** 2)
    assert noise.traces["all"] == pytest.approx(trace, rel=1e-10)
    assert noise.scales["all"] == pytest.approx(trace / norm, rel=1e-10)


def test_one_point_has_no_noise() -> None:
    noise = gradient_noise(*case(3, 1))
    assert noise.traces["all"] == pytest.approx(0, abs=1e-9)
    assert min(noise.trace.values()) >= 0


def test_without_a_gradient_the_scale_is_infinite() -> None:
    """Two points that pull the only weight that moves, b3, in opposite directions."""
    zero = {name: np.zeros_like(p) for name, p in case(1, 1)[0].items()}
    x = np.array([[-1.0], [1.0]])
    assert gradient_noise(zero, x, x**3).scales["all"] == np.inf


def test_batches_deviate_as_the_trace_says() -> None:
    """The deviations are skewed: 400 batches of one size know their mean to 7%, 2,000 to 3%."""
    parameters, x, y = case(8, 500)
    noise, sizes = gradient_noise(parameters, x, y), [1, 4, 16, 64, 256]
    rng = np.random.default_rng(0)
    found = [batch_deviation(parameters, x, y, noise.mean, size, 2000, rng) for size in sizes]
    for layer, trace in noise.traces.items():
        squared = np.array([deviation[layer] for deviation in found])
        assert np.mean(sizes * squared) == pytest.approx(trace, rel=0.05)
        slope = np.polyfit(np.log(sizes), np.log(squared) / 2, 1)[0]
        assert slope == pytest.approx(-0.5, abs=0.02)
    whole = [size * deviation["all"] for size, deviation in zip(sizes, found, strict=True)]
    np.testing.assert_allclose(whole, noise.traces["all"], rtol=0.1)


def test_memory_does_not_grow_with_the_points() -> None:
    def peak(samples: int) -> int:
        parameters, x, y = case(8, samples)
        tracemalloc.start()
        gradient_noise(parameters, x, y)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(20_000), peak(100_000)
    assert many < 1.01 * few < 10_000_000
