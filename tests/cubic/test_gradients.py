"""The exact gradient and those with errors, compared with formulas for each entry."""

from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic.config import GradientKind
from nnlab.cubic.gradients import EXPLANATIONS, NETWORKS, gradients
from nnlab.cubic.network import Array, Parameters, initial_parameters
from tests.conftest import Nnlab, weights


def in_loops(p: Parameters, xi: float, yi: float, kind: str = "as-printed") -> Parameters:
    """The assignment's code, index by index, with its errors 1 and 2 as the kind says."""
    wrong_unit, diagonal = kind in {"wrong-unit", "as-printed"}, kind in {"diagonal", "as-printed"}
    n = len(p["b1"])

    def logistic(z: float) -> float:
        return float(1 / (1 + np.exp(-z)))

    h1 = [logistic(p["W1"][i, 0] * xi + p["b1"][i]) for i in range(n)]
    h2 = [logistic(sum(p["W2"][i, j] * h1[j] for j in range(n)) + p["b2"][i]) for i in range(n)]
    f = sum(p["W3"][0, i] * h2[i] for i in range(n)) + p["b3"][0]
    g = {name: np.zeros_like(value) for name, value in p.items()}
    df = -2 * (yi - f)
    g["b3"][0] = df
    for i in range(n):
        g["W3"][0, i] = df * h2[i]
        dh2 = df * p["W3"][0, i]
        g["b2"][i] = dh2 * h2[i] * (1 - h2[i])
        for j in range(n):
            unit = j if wrong_unit else i
            g["W2"][i, j] = dh2 * h2[unit] * (1 - h2[unit]) * h1[j]
    for i in range(n):
        units = [i] if diagonal else range(n)
        dh1 = sum(g["b2"][k] * p["W2"][k, i] for k in units)
        g["b1"][i] = dh1 * h1[i] * (1 - h1[i])
        g["W1"][i, 0] = g["b1"][i] * xi
    return g


def sample(hidden: int, batch: int, *, recycled: bool = False) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(4)
    parameters = initial_parameters(hidden, 0.7, rng, recycled=recycled)
    x = rng.uniform(-2, 2, batch)
    return parameters, x, x**3


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("hidden", [1, 2, 7])
@pytest.mark.parametrize("kind", NETWORKS)
def test_each_kind_is_its_formulas_term_by_term(
    kind: GradientKind, hidden: int, batch: int
) -> None:
    parameters, x, y = sample(hidden, batch)
    found = gradients(parameters, x, y, kind)
    each = [in_loops(parameters, *xy, kind) for xy in zip(x, y, strict=True)]
    for name, gradient in found.items():
        assert gradient.shape == parameters[name].shape
        np.testing.assert_allclose(gradient, np.mean([g[name] for g in each], axis=0), rtol=1e-12)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_kind_is_wrong_exactly_where_explained(kind: GradientKind) -> None:
    parameters, x, y = sample(7, 5)
    exact, found = gradients(parameters, x, y), gradients(parameters, x, y, kind)
    wrong = {name for name in exact if not np.allclose(exact[name], found[name], rtol=1e-3)}
    assert wrong == EXPLANATIONS[kind].keys()


def test_gradients_do_not_change_their_arguments() -> None:
    parameters, x, y = sample(3, 4)
    before = {name: p.copy() for name, p in parameters.items()}
    flat, column = (gradients(parameters, *xy) for xy in ((x, y), (x[:, None], y[:, None])))
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)
        np.testing.assert_array_equal(flat[name], column[name])


def test_gradients_accept_other_shapes_orders_and_types() -> None:
    parameters, x, y = sample(3, 4)
    p = parameters
    others = p | {"W1": p["W1"][:, 0], "W2": np.asfortranarray(p["W2"]), "b3": p["b3"][0]}
    ours = gradients(p, x, y)
    for name, gradient in gradients(others, x, y).items():
        np.testing.assert_array_equal(gradient, ours[name])
    single = {name: value.astype(np.float32) for name, value in p.items()}
    for name, gradient in gradients(single, x, y).items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, ours[name], rtol=1e-3, atol=1e-4)


def test_gradients_refuse_a_wrong_number_of_targets() -> None:
    parameters, x, y = sample(3, 4)
    with pytest.raises(ValueError, match="x has 4 samples, y has 1"):
        gradients(parameters, x, y[:1])


def test_recycled_repeats_one_row() -> None:
    parameters, *_ = sample(9, 1, recycled=True)
    W2 = parameters["W2"]
    np.testing.assert_array_equal(W2, np.tile(W2[0], (9, 1)))
    assert len(np.unique(W2)) == 9
    assert {name: p.shape for name, p in parameters.items()} == {
        name: p.shape for name, p in sample(9, 1)[0].items()
    }


def test_a_run_as_printed_takes_the_steps_of_the_assignments_code(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    parameters, x, _ = sample(6, 40, recycled=True)
    np.savez(tmp_path / "start.npz", **parameters)  # type: ignore[arg-type]
    np.save(tmp_path / "x.npy", x)
    done = nnlab(
        "cubic", "--hidden", 6, "--gradient", "as-printed", "--init-from", "start.npz",
        "--points", "x.npy", "--no-shuffle", "--no-gif", "--run-dir", "a",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for xi in x:
        for name, gradient in in_loops(parameters, xi, xi**3).items():
            parameters[name] -= 0.01 * gradient
    for name, value in weights(tmp_path / "a").items():
        np.testing.assert_allclose(value, parameters[name], rtol=1e-12, atol=1e-15)
