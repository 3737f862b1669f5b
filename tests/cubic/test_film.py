"""The film of a run of cubic: it ends at model.npz, and says where it does not."""

from pathlib import Path

import numpy as np

from nnlab.console.view import Silent
from nnlab.cubic.data import GRID
from nnlab.cubic.film import film, last_step
from nnlab.cubic.network import Backpropagation
from nnlab.reports.film import Grid, Lines, log_spaced
from nnlab.runs.saved import SavedRun
from tests.runs.trained import bare


def test_it_ends_at_the_weights_of_the_run(tmp_path: Path) -> None:
    saved = bare(tmp_path / "run", "cubic", hidden=130, samples=40, epochs=2, batch_size=3)
    steps = log_spaced(last_step(saved))
    assert steps == list(range(29))
    found = film(saved, steps, Silent())
    weights = saved.weights()
    network = Backpropagation(weights, 81)
    fit = network.forward(GRID[:, None])[:, 0]
    of = {panel.title: panel for panel in found.panels}
    for title, values in (
        ("The fit", fit[None]), ("The error", (fit - GRID**3)[None]),
        ("Activations of layer 1", network.h1[::2, :128].T),
        ("Activations of layer 2", network.h2[::2, :128].T),
    ):  # fmt: skip
        lines = of[title]
        assert isinstance(lines, Lines)
        assert np.abs(lines.moving[-1] - values).max() < 1e-12  # threads shape sums
    grid = of["W2"]
    assert isinstance(grid, Grid)
    assert np.array_equal(grid.values[-1], weights["W2"][:128, :128])
    assert found.numbers["rmse"][-1] == saved.summary["rmse"]
    assert found.notes == [
        "Loss and gradient are those over all 40 training points.",
        "128 of 130 units are shown.",
    ]
    assert found.equal


def test_an_end_at_other_bits_is_told(tmp_path: Path) -> None:
    saved = bare(tmp_path / "run", "cubic", hidden=2, samples=20)
    weights = saved.weights()
    weights["W2"][0, 0] = np.nextafter(weights["W2"][0, 0], 2)
    with (saved.path / "model.npz").open("wb") as file:
        np.savez(file, allow_pickle=False, **weights)
    assert not film(SavedRun(saved.path), [0, 20], Silent()).equal
