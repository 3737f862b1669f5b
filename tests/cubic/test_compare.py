"""What a comparison of runs of cubic adds: x axes, and the fits."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from nnlab.cli.compare import compared
from nnlab.config.resolve import resolve
from nnlab.cubic.axes import axes
from nnlab.cubic.config import CubicConfig
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.reports.compare_plots import figures
from nnlab.runs.saved import SavedRun
from tests.reports.logged import cubic

HIDDEN = 3


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[SavedRun]:
    folder = tmp_path_factory.mktemp("cubic")
    keys = {"hidden": HIDDEN, "samples": 60, "gif": False}
    return [
        launch(
            EXPERIMENTS["cubic"],
            resolve(CubicConfig, None, keys | {"lr": lr, "seed": seed}),
            command="a test", parent=folder,
        )
        for lr in (0.01, 0.02)
        for seed in (0, 1)
    ]  # fmt: skip


def plain_fit(saved: SavedRun, x: float) -> float:
    """Return f(x), unit by unit."""
    p = {name: array.tolist() for name, array in saved.weights().items()}

    def s(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    units = range(HIDDEN)
    h1 = [s(p["W1"][j][0] * x + p["b1"][j]) for j in units]
    h2 = [s(sum(p["W2"][j][k] * h1[k] for k in units) + p["b2"][j]) for j in units]
    return float(sum(p["W3"][0][j] * h2[j] for j in units) + p["b3"][0])


def heights(ax: Axes) -> list[np.ndarray]:
    """Return the y values of each line."""
    return [np.array(line.get_ydata()) for line in ax.lines]


def test_the_fits_are_those_of_the_saved_weights(runs: list[SavedRun]) -> None:
    drawn = figures(*compared(runs))
    assert drawn.notes == []
    top, below = drawn.figures["fits.png"].axes
    for place, run in zip((0, 1, 3, 4), runs, strict=True):  # after two runs comes their mean
        x, y = map(np.array, top.lines[place].get_data())
        np.testing.assert_allclose(y, [plain_fit(run, at) for at in x], rtol=1e-12)
        np.testing.assert_allclose(heights(below)[place], y - x**3, atol=1e-12)
    found = heights(top)
    np.testing.assert_allclose(found[2], np.mean(found[:2], axis=0))
    np.testing.assert_allclose(found[5], np.mean(found[3:5], axis=0))
    np.testing.assert_allclose(found[6], x**3)


def test_a_run_without_weights_is_named(tmp_path: Path, runs: list[SavedRun]) -> None:
    empty = cubic(tmp_path / "empty", [1], hidden=HIDDEN, status="interrupted")
    drawn = figures(*compared([empty, *runs]))
    (note,) = drawn.notes
    assert note.startswith("fits.png is without empty: ")
    assert len(drawn.figures["fits.png"].axes[0].lines) == 7
    alone = [empty, cubic(tmp_path / "other", [1], lr=0.5)]
    assert list(figures(*compared(alone)).figures) == ["comparison.png"]


def test_epochs_are_fractions_and_samples_are_counted_to_the_last_batch(tmp_path: Path) -> None:
    run = cubic(tmp_path / "a", [1] * 8, every=1, samples=10, batch_size=4, epochs=2)
    config = CubicConfig(samples=10, batch_size=4, epochs=2)
    seen, expected = 0, []
    for _ in range(2):
        for batch in (4, 4, 2):
            seen += batch
            expected.append(seen)
    found = axes(run, config)
    assert list(found["samples"][:6]) == expected
    assert list(found["epoch"][:6]) == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    assert list(found["step"]) == list(run.metrics["step"])


def test_a_wild_fit_does_not_flatten_the_others(tmp_path: Path, runs: list[SavedRun]) -> None:
    wild = launch(
        EXPERIMENTS["cubic"],
        resolve(CubicConfig, None, {"hidden": HIDDEN, "samples": 50, "lr": 1e-9, "gif": False}),
        command="a test", parent=tmp_path,
    )  # fmt: skip
    weights: dict[str, Any] = wild.weights() | {"b3": np.array([1e150])}
    np.savez(wild.path / "model.npz", **weights)
    figure = figures(*compared([*runs, wild])).figures["fits.png"]
    assert figure.axes[0].get_ylim()[1] <= 16
    figure.savefig(tmp_path / "x.png")  # draws it: no warning, no error
