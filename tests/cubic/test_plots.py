"""The figures of `nnlab cubic`: they compare the right numbers, and no legend hides data."""

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from scipy.special import expit

from nnlab.cubic import data
from nnlab.cubic.network import Backpropagation, initial_parameters
from nnlab.cubic.plots import animation, fit_figure, learning_figure
from nnlab.cubic.unit_plots import MOST, alike, units_figure
from nnlab.runs.columns import Columns

GOOD, BAD = data.GRID**3, np.full(len(data.GRID), 7.9)
FRAMES = [(0, BAD), (5, GOOD)]
HISTORY: Columns = {
    "step": [1, 2, 3],
    "loss": [9.0, 4.5, 3.0],
    "rmse": [2.0, 1.0, 2 / 3],
}


def legend_is_off_the_axes(figure: Figure) -> bool:
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    return not any(box.overlaps(ax.get_window_extent()) for ax in figure.axes)


@pytest.mark.parametrize("fit", [GOOD, BAD, -50 * GOOD])
def test_the_legend_never_hides_the_fit(fit: np.ndarray) -> None:
    assert legend_is_off_the_axes(fit_figure(data.GRID, fit, "a title"))


def test_the_learning_curves_are_both_rmses() -> None:
    figure = learning_figure(HISTORY, "a title")
    training, grid = figure.axes[0].lines
    assert list(np.asarray(training.get_ydata())) == pytest.approx([3, 3 / 2**0.5, 3**0.5])
    assert list(np.asarray(grid.get_ydata())) == pytest.approx([2, 1, 2 / 3])
    assert legend_is_off_the_axes(figure)
    assert figure.axes[0].get_xlabel() == "gradient steps"
    assert figure.axes[0].get_ylabel() == "rmse (y)"


def test_one_log_point_has_plain_ticks() -> None:
    figure = learning_figure({"step": [1], "loss": [16.8], "rmse": [4.2]}, "a title")
    (ax,) = figure.axes
    figure.canvas.draw()
    low, high = ax.get_xlim()
    shown = [label for label in ax.get_xticklabels() if low <= label.get_position()[0] <= high]
    assert [label.get_text() for label in shown] == ["1"]
    assert ax.get_yscale() == "linear"
    wide: Columns = {
        "step": [1, 2, 3],
        "loss": [1.0] * 3,
        "rmse": [0.1, 0.01, 0.001],
    }
    assert learning_figure(wide, "a title").axes[0].get_yscale() == "log"


def units(hidden: int) -> tuple[Figure, dict[str, np.ndarray], np.ndarray]:
    """Return the figure of a network, its contributions by name, (points,), and h2."""
    p = initial_parameters(hidden, 2.0, np.random.default_rng(1))
    network = Backpropagation(p, len(data.GRID))
    network.forward(data.GRID[:, None])
    figure = units_figure(data.GRID, network.h1, network.h2, p["W3"], p["b3"], "a title")
    h1 = expit(data.GRID[:, None] @ p["W1"].T + p["b1"])
    h2 = expit(h1 @ p["W2"].T + p["b2"])
    each = {f"unit {i + 1}": p["W3"][0, i] * h2[:, i] for i in range(hidden)}
    return figure, each | {"b₃": np.full(len(data.GRID), p["b3"][0])}, h2


@pytest.mark.parametrize("hidden", [1, 5, 6, 40])
def test_the_network_is_the_sum_of_the_lines_of_its_units(hidden: int) -> None:
    figure, each, h2 = units(hidden)
    _, second, below = figure.axes
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in below.lines}
    np.testing.assert_allclose(lines.pop("network"), sum(each.values()), atol=1e-12)
    np.testing.assert_array_equal(lines.pop("x³"), data.GRID**3)
    np.testing.assert_allclose(sum(lines.values()), sum(each.values()), atol=1e-12)
    drawn = [name for name in lines if name.startswith("unit")]
    assert len(drawn) == min(hidden, 5)
    largest = max((name for name in each if name != "b₃"), key=lambda name: each[name].var())
    assert drawn[0].split(" + ")[0] == largest
    for name in drawn:
        if "like" not in name:
            np.testing.assert_allclose(lines[name], each[name], atol=1e-12)
    for line, curve in zip(below.lines[3:], second.lines, strict=True):  # the same unit
        assert same_color(line.get_color(), curve.get_color())
    in_groups = sum(int(name.split()[3]) for name in drawn if "like" in name)
    dead = sum(np.ptp(h2[:, i]) < 0.01 for i in range(hidden))
    assert len(drawn) + in_groups + dead == hidden
    assert next(iter(lines)).startswith("b₃")
    assert legend_is_off_the_axes(figure)


def test_units_that_contribute_alike_are_one_group() -> None:
    rising, bent = data.GRID, np.maximum(data.GRID, 0)
    units = np.stack([bent, 3 * rising, 2 * rising + 7, -rising, 0.1 * bent], axis=1)
    assert [list(group) for group in alike(units, 3)] == [[1, 2], [3], [0, 4]]
    assert [list(group) for group in alike(1e200 * units, 3)] == [[1, 2], [3], [0, 4]]
    assert alike(np.empty((81, 0)), 3) == []


def test_dead_units_are_named_and_drawn_with_the_bias() -> None:
    p = initial_parameters(8, 2.0, np.random.default_rng(1))
    p["W2"][:3] = 0
    network = Backpropagation(p, len(data.GRID))
    network.forward(data.GRID[:, None])
    *_, below = units_figure(data.GRID, network.h1, network.h2, p["W3"], p["b3"], "a title").axes
    line = next(line for line in below.lines if "dead" in str(line.get_label()))
    h2 = expit(expit(data.GRID[:, None] @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"])
    dead = h2.max(axis=0) - h2.min(axis=0) < 0.01
    assert all(dead[:3])
    assert line.get_label() == f"b₃ + {dead.sum()} dead units"
    constant = p["b3"] + h2[:, dead] @ p["W3"][0, dead]
    np.testing.assert_allclose(np.asarray(line.get_ydata()), constant, atol=1e-12)


def test_of_a_very_large_layer_only_some_units_are_drawn() -> None:
    figure, *_ = units(MOST + 9)
    first, *_ = figure.axes
    assert first.get_title() == f"first layer: {MOST} of {MOST + 9} units"
    assert len(first.collections[0].get_paths()) == MOST


def test_each_frame_has_its_step_and_rmse_above_the_axes() -> None:
    frames = [np.asarray(image.convert("L")) for image in animation(data.GRID, FRAMES)]
    first, second = (frame[:25] < 100 for frame in frames[:2])  # dark pixels of the titles
    halves = slice(None, 400), slice(400, None)
    for half in halves:
        assert first[:, half].sum() > 100
        assert (first[:, half] != second[:, half]).any()
    assert not frames[0][0].min() < 255  # nothing is cut off at the top


def test_an_exact_fit_can_be_animated() -> None:
    images = list(animation(data.GRID, FRAMES))
    assert images[0].tobytes() != images[1].tobytes() == images[-1].tobytes()
    red = np.array([0xCC, 0x33, 0x11])
    first = np.asarray(images[0].convert("RGB")).astype(int)
    assert (np.abs(first - red).sum(axis=2) < 20).any()  # the curve keeps its colour
