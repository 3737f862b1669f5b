"""What `--tensorboard` writes, read back by TensorBoard's own reader."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.fashion.config import FashionConfig
from nnlab.runs.listeners.listener import open_listeners
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, digest, python

QUICK = ("cubic", "--hidden", 4, "--samples", 400, "--log-every", 100, "--no-gif")


def reader(run: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})


def points(events: Any) -> dict[str, list[tuple[int, float]]]:
    """Return (x, value) of each metric."""
    events.Reload()
    return {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def logged(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Return what metrics.csv has, in TensorBoard's float32."""
    (_, xs), *columns = SavedRun(run).metrics.items()
    return {
        name: [(int(x), float(np.float32(v))) for x, v in zip(xs, values, strict=True)]
        for name, values in columns
    }


def test_tensorboard_shows_metrics_csv(nnlab: Nnlab, tmp_path: Path) -> None:
    assert nnlab(*QUICK).returncode == 0
    done = nnlab(*QUICK, "--tensorboard")
    assert done.returncode == 0, done.stderr
    plain, run = tmp_path / "runs/cubic-0001", tmp_path / "runs/cubic-0002"
    assert digest(plain) == digest(run)
    assert not (plain / "tensorboard").exists()
    events = reader(run)
    assert points(events) == logged(run)
    assert set(points(events)) == {"epoch", "loss", "rmse", "max_error", "seconds"}

    # A resume, while a TensorBoard is open: each point once, for it and for a new one.
    done = nnlab("resume", run, "--epochs", 2, "--tensorboard")
    assert done.returncode == 0, done.stderr
    assert len(logged(run)["rmse"]) == 8
    assert points(events) == points(reader(run)) == logged(run)
    assert len(list((run / "tensorboard").iterdir())) == 1


def test_a_run_that_began_without_tensorboard_gets_all_points(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK)
    assert nnlab("resume", "last", "--epochs", 2, "--tensorboard").returncode == 0
    run = tmp_path / "runs/cubic-0001"
    assert len(logged(run)["rmse"]) == 8
    assert points(reader(run)) == logged(run)


def test_the_final_metrics_stand_at_the_last_epoch(tmp_path: Path) -> None:
    with Run(
        "fashion", resolve(FashionConfig, None, {}), Silent(), command="test", path=tmp_path / "a",
        listeners=open_listeners(["tensorboard"]),
    ) as run:  # fmt: skip
        run.begin()
        for epoch in (1, 2):
            run.log({"epoch": epoch, "loss": 1 / epoch, "seconds": 60.0 * epoch})
        run.finish({"test_accuracy": 0.75, "loss": 0.5})
    events = reader(tmp_path / "a")
    assert points(events) == logged(tmp_path / "a") | {"test_accuracy": [(2, 0.75)]}
    first, last = events.Scalars("loss")
    assert last.wall_time - first.wall_time == pytest.approx(60)


def test_a_link_in_place_of_the_folder_is_refused(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "runs/cubic-0001/tensorboard").symlink_to(tmp_path / "elsewhere")
    done = nnlab("resume", "last", "--epochs", 2, "--tensorboard")
    assert done.returncode == 2
    assert "a link is in the place of a run's own file: tensorboard" in done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_listener_does_not_load_tensorflow(tmp_path: Path) -> None:
    done = python(f"""
import json, sys
from pathlib import Path
from nnlab.runs.listeners.listener import open_listeners
from nnlab.runs.saved import SavedRun
[listener] = open_listeners(["tensorboard"])
saved = SavedRun(Path({str(tmp_path)!r}), {{"status": "completed", "summary": {{"rmse": 1.0}}}})
listener.begin(saved)
listener.log({{"step": 1, "rmse": 2.0}})
listener.end(saved)
print(json.dumps("tensorflow" in sys.modules))
""")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) is False
    assert points(reader(tmp_path)) == {"rmse": [(1, 2.0)]}
