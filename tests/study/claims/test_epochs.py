from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic.config import CubicConfig
from nnlab.runs.saved import SavedRun
from nnlab.study.claims.epochs import ARMS, STUDY
from nnlab.study.load import load
from nnlab.study.plan import Settings, planned
from nnlab.study.results import Results
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("epochs").study is STUDY


@pytest.mark.parametrize("settings", [Settings(), Settings(quick=True), Settings(full=True)])
def test_half_the_points_have_half_the_steps_or_as_many(settings: Settings) -> None:
    runs = planned(STUDY.parts[1], settings, Results([]))
    steps = {}
    for run in runs:
        config = CubicConfig(**run.keys)
        steps[run.arm] = config.samples * config.epochs
    assert steps["half-equal-steps"] == steps["all"] == 2 * steps["half-equal-epochs"]


@pytest.mark.long
@pytest.mark.slow
def test_its_smoke_test_reads_each_run_at_the_best_epoch_of_the_others(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "epochs")
    for arm in ARMS:
        runs = [SavedRun(path / "runs" / f"overfit_{arm}_s{seed}") for seed in range(3)]
        losses = np.array([run.metrics["val_loss"] for run in runs])
        shares = np.array([run.metrics["val_accuracy"] for run in runs])
        for seed in range(3):
            turn = np.delete(losses, seed, axis=0).mean(axis=0).argmin()
            for measure, values in (("val_loss", losses), ("val_accuracy", shares)):
                for where, epoch in (("at-turn", turn), ("at-end", -1)):
                    read = results.by_seed("overfit", f"{arm}-{where}", measure)
                    assert read[seed] == values[seed, epoch]
            best = results.by_seed("overfit", arm, "best_epoch")[seed]
            assert best == losses[seed].argmin() + 1
