"""The figures of `nnlab cubic`: they compare the right numbers, and no legend hides data."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlab.cubic import data
from nnlab.cubic.plots import animation, fit_figure, learning_figure

GOOD, BAD = data.GRID**3, np.full(len(data.GRID), 7.9)
HISTORY = [{"step": s, "loss": 9.0 / s, "rmse": 2.0 / s} for s in (1, 2, 3)]


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


def test_an_exact_fit_can_be_animated() -> None:
    images = animation(data.GRID, [(0, BAD), (5, GOOD)])
    assert images[0].tobytes() != images[1].tobytes() == images[-1].tobytes()
    red = np.array([0xCC, 0x33, 0x11])
    first = np.asarray(images[0].convert("RGB")).astype(int)
    assert (np.abs(first - red).sum(axis=2) < 20).any()  # the curve keeps its colour
