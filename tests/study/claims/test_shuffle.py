import json
from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.replay import config_of
from nnlab.runs.saved import SavedRun
from nnlab.study import drift
from nnlab.study.claims.shuffle import STUDY
from nnlab.study.load import load
from tests.study import plain_cubic
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("shuffle").study is STUDY


def test_a_row_is_predicted_by_the_nearest_training_row() -> None:
    y = np.array([0.0, 1.0, 4.0, 9.0, 16.0])
    # row 1 by row 0 (as near as row 2, and earlier): 1; row 4 by row 3: 49
    assert drift.squared_error(y, np.array([3, 2, 0]), np.array([4, 1])) == 25


def test_the_errors_of_a_drift_are_those_of_a_random_walk() -> None:
    squares = np.mean([np.square(drift.errors(seed)) for seed in range(60)], axis=0)
    # The variance of h steps is h. A random quarter of the rows is away from the nearest training
    # row by 1 / (1 - (1/4)^2) rows in the mean; the last hundred by (1 + 100) / 2.
    assert squares[0] == pytest.approx(16 / 15, rel=0.05)
    assert squares[1] == pytest.approx(50.5, rel=0.15)
    assert squares[2] == pytest.approx(50.5, rel=0.15)


@pytest.mark.long
@pytest.mark.slow
def test_its_smoke_test_measures_by_visit_and_by_place(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "shuffle")
    for arm, way in (("sorted", 1), ("reversed", -1)):
        run = SavedRun(path / "runs" / f"points_{arm}_s1")
        grid = np.linspace(-2, 2, 81)[::way]
        squares = [plain_cubic.loss(run.weights(), x, x**3) for x in grid.reshape(-1, 1, 1)]
        assert results.by_seed("points", arm, "squared_error")[1] == pytest.approx(np.mean(squares))
        first, last = squares[:21], squares[-20:]
        ratio = np.sqrt(np.mean(first) / np.mean(last))
        assert results.by_seed("points", arm, "first/last_rmse")[1] == pytest.approx(ratio)
        quarter = results.by_seed("points", arm, "rmse_by_visit", "4")[1]
        assert quarter == pytest.approx(np.sqrt(np.mean(last)))
        x, y = data.points(config_of(run))
        trained = results.by_seed("points", arm, "training_squared_error")[1]
        assert trained == pytest.approx(plain_cubic.loss(run.weights(), x, y))
    confusion = np.array(
        json.loads((path / "runs" / "images_by-class_s2" / "report.json").read_text())["confusion"]
    )
    places = np.random.default_rng(np.random.SeedSequence((2, 6))).permutation(10)
    recall = confusion.diagonal() / confusion.sum(axis=1)
    for place in range(10):
        read = results.by_seed("images", "by-class", "recall_by_place", str(place + 1))[2]
        assert read == pytest.approx(recall[places == place][0])
    last = np.flatnonzero(places == 9)[0]
    ahead = results.by_seed("images", "by-class", "last_ahead")[2]
    assert ahead == pytest.approx(recall[last] - np.delete(recall, last).mean())
    share = results.by_seed("images", "by-class", "last_predicted")[2]
    assert share == pytest.approx(confusion[:, last].sum() / confusion.sum())
    for seed, promised in results.by_seed("points", "future", "promised_error").items():
        assert promised == drift.errors(seed).future
