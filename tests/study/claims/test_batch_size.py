from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnlab.runs.saved import SavedRun
from nnlab.study.claims.batch_size import SIZES, STUDY, TARGET, arm_of
from nnlab.study.load import load
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("batch-size").study is STUDY


def test_an_arm_takes_the_steps_and_the_samples() -> None:
    for size in SIZES.values():
        epochs = arm_of(size, 0.1, 8000, 160_000)["epochs"]
        assert epochs * 8192 >= max(8000 * size, 160_000) > (epochs - 1) * 8192


@pytest.mark.slow
def test_its_smoke_test_measures_the_runs(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "batch-size")
    for arm, size in SIZES.items():
        log = SavedRun(path / "runs" / f"scaled_{arm}_s1").metrics
        there = [step for step, v in zip(log["step"], log["rmse"], strict=True) if v < TARGET]
        steps = there[0] if there else 512 / size
        assert results.by_seed("scaled", arm, "steps")[1] == steps
        assert results.by_seed("costs", "scaled", "samples", str(size))[1] == steps * size
    for seed in range(3):
        x, y = results.curve("middle", "layer-2", seed, "deviation")
        slope = stats.linregress(np.log(x), np.log(y)).slope
        told = results.by_seed("noise", "run", "middle_slope_2")[seed]
        assert told == pytest.approx(slope, rel=1e-9)
    for arm, size in SIZES.items():
        chosen = SavedRun(path / "runs" / f"tuned_{arm}_s0").config["lr"]
        rates, taken = results.curve("rates", arm, 0, "steps")
        assert taken[rates.index(chosen)] == min(taken) == pytest.approx(512 / size)
