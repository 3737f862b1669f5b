"""A run of `nnlab fashion` that pauses after an epoch, and goes on later."""

import threading
from pathlib import Path
from typing import Any

import pytest

from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.runs.saved import SavedRun
from tests.conftest import rows, without_times

FASHION = EXPERIMENTS["fashion"]
SMALL = {
    "data": "sample", "samples": 300, "filters": [4], "hidden": 8, "batch_size": 70, "epochs": 4,
    "ema": 0.9, "device": "cpu",
}  # fmt: skip


def train(path: Path, until: int | None = None, **keys: Any) -> SavedRun:
    """Train the run in `path`, or go on with it, in a thread that is not the main one."""
    ends: list[SavedRun] = []
    thread = threading.Thread(
        target=lambda: ends.append(
            launch(
                FASHION, resolve(FASHION.config, None, SMALL | keys), command="a test",
                run_dir=path, resume=path.exists(), until=until, pictures=False,
            )
        )
    )  # fmt: skip
    thread.start()
    thread.join()
    return ends[0]


@pytest.mark.slow
@pytest.mark.usefixtures("tensorflow")
def test_a_paused_run_repeats_no_epoch_and_ends_the_same(tmp_path: Path) -> None:
    whole, path = train(tmp_path / "whole"), tmp_path / "paused"
    for until, epochs in ((1, 1), (1, 1), (3, 3), (None, 4)):
        before = rows(path) if path.exists() else []
        saved = train(path, until)
        assert rows(path)[: len(before)] == before  # with their times: they were not trained again
        assert len(rows(path)) == epochs
        if until:
            assert saved.status == "interrupted"
            assert saved.summary["val_accuracy"] == float(rows(path)[-1]["val_accuracy"])
            assert f"saved after epoch {epochs} of 4" in saved.record["error"]
    assert saved.status == whole.status == "completed"
    assert (path / "model.npz").read_bytes() == (whole.path / "model.npz").read_bytes()
    assert without_times(path) == without_times(whole.path)
    assert saved.summary["test_loss"] == whole.summary["test_loss"]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.usefixtures("tensorflow")
def test_patience_ends_a_run_at_the_epoch_where_it_would_pause(tmp_path: Path) -> None:
    """With steps of almost nothing, the second epoch is no better than the first."""
    saved = train(tmp_path / "a", 2, patience=1, lr=1e-30)
    assert saved.status == "completed"
    assert len(rows(tmp_path / "a")) == 2
