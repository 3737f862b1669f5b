from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.replay import config_of
from nnlab.runs.saved import SavedRun
from nnlab.study.claims.vanishing import STUDY, TARGET
from nnlab.study.load import load
from tests.study import plain_cubic
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("vanishing").study is STUDY


def test_the_target_is_half_the_rmse_of_the_best_straight_line() -> None:
    x = np.linspace(-2, 2, 100_001)
    line = np.polyval(np.polyfit(x, x**3, 1), x)
    assert pytest.approx(np.sqrt(np.mean((line - x**3) ** 2)) / 2, abs=0.01) == TARGET


@pytest.mark.slow
def test_its_smoke_test_measures_the_saved_weights(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "vanishing")
    for arm in ("scale-0.05", "scale-1"):
        run = SavedRun(path / "runs" / f"starts_{arm}_s1")
        x, y = data.points(config_of(run))
        norms = plain_cubic.layer_norms(run.weights(), x, y)
        measured = results.by_seed("starts", arm, "gradient_ratio", "1000")[1]
        assert measured == pytest.approx(norms[1] / norms[3], rel=1e-9)
    shown = results.by_seed("layers", "layer-2", "gradient", "1000")
    assert shown == results.by_seed("starts", "scale-0.05", "gradient_2", "1000")
    assert [*shown] == [0, 1, 2]
