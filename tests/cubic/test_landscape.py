"""The landscape of a run: its plane, and the loss of each network in it."""

from pathlib import Path

import numpy as np
import pytest

from nnlab.console.view import Silent
from nnlab.cubic import data
from nnlab.cubic.landscape import POINTS, SIDE, Landscape, landscape, plane, spread
from nnlab.cubic.landscape_plot import landscape_figure
from nnlab.cubic.network import Array
from nnlab.cubic.replay import config_of, states
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from tests.runs.trained import bare

HIDDEN = 5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    keys = {"hidden": HIDDEN, "samples": 700, "epochs": 2, "lr": 0.05, "gif": False}
    return bare(tmp_path_factory.mktemp("runs") / "a", "cubic", **keys)


@pytest.fixture(scope="module")
def found(run: SavedRun) -> Landscape:
    return landscape(run, Silent())


def loss(theta: Array, x: Array) -> float:
    """Return the loss of the network with these parameters, without nnlab's code."""
    n = HIDDEN
    w1, b1, w2, b2, w3, b3 = np.split(theta, np.cumsum([n, n, n * n, n, n]))
    total = 0.0
    for point in x[:, 0]:
        h1 = 1 / (1 + np.exp(-(w1 * point + b1)))
        h2 = 1 / (1 + np.exp(-(w2.reshape(n, n) @ h1 + b2)))
        total += (float(w3 @ h2 + b3[0]) - point**3) ** 2
    return total / len(x)


def thetas(run: SavedRun, steps: list[int]) -> Array:
    """Return the states of the run at these steps, (states, parameters)."""
    names = ("W1", "b1", "W2", "b2", "W3", "b3")
    return np.array([
        np.concatenate([state[name].ravel() for name in names])
        for _, state in states(config_of(run), steps)
    ])  # fmt: skip


def test_values_are_those_of_a_direct_evaluation(run: SavedRun, found: Landscape) -> None:
    x, _ = spread(*data.points(config_of(run)))
    rng = np.random.default_rng(0)
    for i, j in rng.integers(SIDE, size=(20, 2)):
        one, two = found.plane.directions
        theta = found.plane.origin + found.a[j] * one + found.b[i] * two
        assert found.losses[i, j] == pytest.approx(loss(theta, x), rel=1e-12)
    path = thetas(run, found.steps)
    for index in rng.integers(len(path), size=10):
        assert found.of_path[index] == pytest.approx(loss(path[index], x), rel=1e-12)
        below = found.plane.origin + found.plane.path[index] @ found.plane.directions
        assert found.of_projections[index] == pytest.approx(loss(below, x), rel=1e-12)
    assert found.of_projections[-1] == pytest.approx(found.of_path[-1], rel=1e-12)


def test_the_plane_is_that_of_the_principal_directions(run: SavedRun, found: Landscape) -> None:
    """As the eigenvectors of the covariance matrix say."""
    path = thetas(run, found.steps)
    values, vectors = np.linalg.eigh(np.cov(path.T))
    np.testing.assert_allclose(found.plane.shares, values[::-1][:2] / values.sum(), rtol=1e-9)
    along = np.abs(np.sum(found.plane.directions * vectors.T[::-1][:2], axis=1))
    np.testing.assert_allclose(along, 1, rtol=1e-9)
    directions = found.plane.directions
    np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(
        found.plane.path, (path - path[-1]) @ directions.T, atol=1e-12 * np.abs(path).max()
    )
    assert (found.plane.path[0] <= 0).all()
    assert found.steps[0] == 0
    assert found.steps[-1] == 1400
    assert 100 <= len(found.steps) <= 121


def test_a_path_in_a_plane_has_all_its_variance_there() -> None:
    rng = np.random.default_rng(1)
    path = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 50)) + 3
    assert sum(plane(path).shares) == pytest.approx(1)
    flat = plane(path)
    np.testing.assert_allclose(flat.origin + flat.path @ flat.directions, path, atol=1e-12)


def test_the_path_is_inside_the_picture(found: Landscape) -> None:
    assert (found.a[0], found.b[0]) < tuple(found.plane.path.min(axis=0))
    assert (found.a[-1], found.b[-1]) > tuple(found.plane.path.max(axis=0))


def test_the_points_are_spread_over_all() -> None:
    x = np.random.default_rng(0).uniform(-2, 2, (100_000, 1))
    some, y = spread(x, x**3)
    assert some.shape == (POINTS, 1)
    assert (np.diff(some[:, 0]) > 0).all()
    assert np.mean(y**2) == pytest.approx(np.mean(x**6), rel=0.002)
    few, _ = spread(x[:10], x[:10] ** 3)
    assert sorted(few[:, 0]) == sorted(x[:10, 0])


def test_the_title_has_the_share(found: Landscape) -> None:
    figure = landscape_figure(found)
    share = f"{sum(found.plane.shares):.1%}"
    assert share in figure.get_suptitle()
    figure.canvas.draw()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"samples": 1}, "is at step 1: a plane needs 2 steps or more"),
        ({"samples": 5, "lr": 1e-300}, "the parameters never change"),
        ({"samples": 2, "hidden": 1600}, "3 states of a network with hidden 1,600 need"),
    ],
)
def test_a_run_without_a_plane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, float], said: str
) -> None:
    monkeypatch.setattr("nnlab.cubic.landscape.MOST_BYTES", 50_000_000)
    made = bare(tmp_path / "a", "cubic", **({"hidden": 2, "gif": False} | keys))
    with pytest.raises(UsageError, match=said):
        landscape(made, Silent())
