"""An epoch that is brought back is the one that the run had."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.fashion.replayed import replay
from nnlab.reports.replayed import Asked, Replayed
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import same_weights
from tests.runs.trained import bare, trained

KEYS: dict[str, Any] = {
    "data": "sample", "filters": [3], "hidden": 4, "samples": 300, "ema": 0.9, "lr": 0.01,
    "lr_schedule": "cosine",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    return trained(tmp_path_factory.mktemp("runs") / "a", "fashion", epochs=4, **KEYS)


def at(run: SavedRun, epoch: int | None = None) -> Replayed:
    return replay(SavedRun(run.path), Asked(Silent(), epoch=epoch))


def said(found: Replayed) -> dict[str, float]:
    return {each.name: each.value for each in found.measured}


@pytest.mark.long
@pytest.mark.usefixtures("tensorflow")
def test_an_epoch_is_what_a_run_stopped_there_had(tmp_path: Path, run: SavedRun) -> None:
    row = EXPERIMENTS["fashion"]
    keys = {**KEYS, "epochs": 4}
    paused = launch(
        row, resolve(row.config, None, keys), command="a test", run_dir=tmp_path / "b", until=2,
        pictures=False,
    )  # fmt: skip
    again, kept = at(run, 2), at(paused)
    assert (again.at, again.total, again.began, again.equal) == (2, 4, "the start", None)
    assert (kept.at, kept.began) == (2, "its checkpoint")
    assert same_weights(again.weights, kept.weights)
    assert sorted(again.draw()) == ["confusion.png", "filters.png"]
    for found in (again, kept):
        for name in ("val_accuracy", "val_loss"):
            assert said(found)[name] == pytest.approx(run.metrics[name][1], rel=1e-5)
        norms = [value for name, value in said(found).items() if name.startswith("gradient_")]
        assert said(found)["gradient"] == pytest.approx(np.linalg.norm(norms), rel=1e-6)
        assert len(norms) == 3
    with pytest.raises(UsageError, match=r"has done 2 of its 4 epochs \(interrupted\)"):
        at(paused, 3)


@pytest.mark.slow
@pytest.mark.usefixtures("tensorflow")
def test_the_end_is_proven(run: SavedRun) -> None:
    end = at(run)
    assert (end.at, end.equal) == (4, True)
    assert same_weights(end.weights, run.weights())
    start = at(run, 0)
    assert said(start)["val_accuracy"] < 0.3
    with pytest.raises(UsageError, match="has no epoch 5: its epochs are 0 to 4"):
        at(run, 5)


@pytest.mark.long
@pytest.mark.usefixtures("tensorflow")
def test_another_end_is_noticed(tmp_path: Path) -> None:
    run = trained(tmp_path / "a", "fashion", epochs=2, **KEYS)
    arrays = run.weights()
    arrays["classes/bias"][0] += 1
    np.savez(run.path / "model.npz", **arrays)  # type: ignore[arg-type]
    assert at(run).equal is False


@pytest.mark.long
@pytest.mark.usefixtures("tensorflow")
def test_the_end_with_patience_is_the_best_epoch(tmp_path: Path) -> None:
    run = bare(tmp_path / "a", "fashion", data="sample", epochs=8, patience=1, lr=0.01)
    end, best = at(run), int(np.argmax(run.metrics["val_accuracy"])) + 1
    assert (end.at, end.equal) == (best, True)
    assert best < len(run.metrics["epoch"])  # so that the last epoch has other weights
    assert same_weights(end.weights, run.weights())
    last = at(run, len(run.metrics["epoch"]))
    assert last.equal is None
    assert not same_weights(last.weights, run.weights())
