import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import curve_fit

from nnlab.study.claims.noise_scale import ALONG, SIZES, STUDY, fitted, foretold, prediction, ratios
from nnlab.study.load import load
from nnlab.study.page_tables import foretold_table
from nnlab.study.results import Results, Row
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("noise-scale").study is STUDY


def scales() -> list[Row]:
    return [
        Row("along", arm, seed, "b_simple", "", value)
        for arm, values in {"batch-1": (10.0, 40.0), "batch-32": (5.0, 5.0)}.items()
        for seed, value in enumerate(values)
    ]


def test_the_prediction_is_a_geometric_mean() -> None:
    told = prediction(Results(scales()))
    assert told["critical batch size, along batch size 1"] == pytest.approx(20)
    assert told["critical batch size, along batch size 1, seed 1"] == 40
    assert told["critical batch size, along batch size 32"] == pytest.approx(5)


def test_the_page_shows_what_came_beside_each_number_that_was_foretold() -> None:
    told = {"tune": prediction(Results(scales()))}
    found = Results([Row("test", "fit", seed, "b_crit", "", 30.0 + seed) for seed in range(2)])
    table = foretold_table(told, found + foretold(found))
    assert {row[2] for row in table.rows} == {"test, fit"}
    came = {row[0]: row[3] for row in table.rows}
    assert came["tune: critical batch size, along batch size 1, seed 1"] == "31"
    assert came["tune: critical batch size, along batch size 32"].startswith("30.5 (")


def test_each_seed_is_compared_with_its_own_prediction() -> None:
    rows = [*scales(), Row("test", "fit", 1, "b_crit", "", 20.0)]
    assert [(row.seed, row.at, row.value) for row in ratios(Results(rows))] == [
        (1, "batch-1", 0.5),
        (1, "batch-32", 4.0),
    ]


def test_the_drawn_fit() -> None:
    rows = [Row("test", "fit", 0, "s_min", "", 100.0), Row("test", "fit", 0, "b_crit", "", 8.0)]
    drawn = {(row.measure, row.at): row.value for row in fitted(Results(rows))}
    assert drawn["steps", "1"] == 900
    assert drawn["samples", "8"] == 1600
    assert {at for _, at in drawn} == {str(size) for size in SIZES.values()}


@pytest.mark.slow
def test_its_smoke_test_writes_the_prediction_first(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "noise-scale")
    told = json.loads((path / "prediction.json").read_text())["tune"]
    for arm in ALONG:
        for seed, value in results.by_seed("along", arm, "b_simple").items():
            size = arm.removeprefix("batch-")
            assert told[f"critical batch size, along batch size {size}, seed {seed}"] == value
    written = (path / "prediction.json").stat().st_mtime_ns
    # A run of `test` with the config of one of `along` is that run, and older than the prediction.
    later = [*path.glob("runs/tune_*/config.yaml"), *path.glob("measured/test_*.json")]
    assert len(later) == 7 * 6 * 3 + 7 * 3
    assert written <= min(file.stat().st_mtime_ns for file in later)
    fits = results.by_seed("test", "fit", "b_crit")
    for seed, critical in fits.items():
        sizes = np.array([*SIZES.values()], float)
        steps = [results.by_seed("test", arm, "steps")[seed] for arm in SIZES]
        (_, found), _ = curve_fit(
            lambda b, s, c: np.log(s * (1 + c / b)), sizes, np.log(steps), p0=(min(steps), 10)
        )
        assert critical == pytest.approx(found, rel=1e-3)
