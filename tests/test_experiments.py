"""The table of experiments: a third one is a row and a folder, also from outside the package."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from nnlab import experiments
from nnlab.config.resolve import resolve
from nnlab.errors import DivergedError, UsageError
from nnlab.experiments import EXPERIMENTS, LACKING, experiment_of, launch
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT
from tests.reports.made import make_run

CONFIG = '''
from typing import ClassVar
from pydantic import Field
from nnlab.config.base import Config, Epochs

class TinyConfig(Config):
    """Count down from `start`."""
    may_change: ClassVar[frozenset[str]] = frozenset({"epochs"})
    lengthens: ClassVar[tuple[str, ...]] = ("epochs",)
    start: float = Field(1.0, gt=0, description="First value.")
    epochs: Epochs = 3
'''
TRAIN = """
import numpy as np
from nnlab.runs.checkpoint_file import Count, Facts

class Position(Facts):
    epoch: Count = 0
    def logged(self, config):
        return {"epoch", "value"}

def train(config, run):
    arrays = {"value": np.full(1, config.start)}
    saved = run.restore(arrays, Position)
    done = saved.about.facts.epoch if saved else 0
    if saved:
        arrays = {"value": np.array(saved.arrays["value"])}
    run.begin()
    for epoch in range(done, config.epochs):
        arrays["value"] /= 2
        run.log({"epoch": epoch + 1, "value": float(arrays["value"][0])})
        run.checkpoint(arrays, Position(epoch=epoch + 1))
    run.save("model.npz", lambda file: np.savez(file, **arrays))
    run.finish({"value": float(arrays["value"][0])})
"""
MAIN = """
import sys
from nnlab.experiments import EXPERIMENTS, Experiment
from nnlab.metric import Metric
from tiny.config import TinyConfig

EXPERIMENTS["tiny"] = Experiment(
    name="tiny", config=TinyConfig, entry="tiny.train:train", help="Count down.",
    metrics=(Metric("value", "apples", "lower", ".3f"),), outputs=("model.npz",),
)
from nnlab.cli.app import main
main()
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Any:
    """Return a function that runs `nnlab ARGUMENTS` with the experiment `tiny` in its table."""
    (tmp_path / "tiny").mkdir()
    for name, text in (("__init__", ""), ("config", CONFIG), ("train", TRAIN)):
        (tmp_path / f"tiny/{name}.py").write_text(text)
    (tmp_path / "main.py").write_text(MAIN)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "main.py", *arguments], cwd=tmp_path, env=ENVIRONMENT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_an_experiment_from_outside_trains_resumes_and_is_listed(tiny: Any, tmp_path: Path) -> None:
    assert re.search(r"tiny +Count down\.", tiny("--help").stdout)
    (tmp_path / "my.yaml").write_text("start: 8\n")
    done = tiny("tiny", "--config", "my.yaml")
    assert done.returncode == 0, done.stderr
    assert "value  1.000" in done.stdout
    assert "value 4.000" in done.stderr  # a log point, in the metric's own format
    again = tiny("resume", "runs/tiny-0001")
    assert "to train further: nnlab resume runs/tiny-0001 --epochs ..." in again.stderr
    longer = tiny("resume", "runs/tiny-0001", "--epochs", "5")
    assert "value  0.250" in longer.stdout, longer.stderr
    (saved,) = SavedRun.find_all(tmp_path / "runs")
    assert (saved.experiment, saved.status) == ("tiny", "completed")
    assert list(saved.metrics["value"]) == [4, 2, 1, 0.5, 0.25]
    assert "seed" not in saved.record
    wrong = tiny("tiny", "--start", "0")
    assert wrong.returncode == 2
    assert "start" in wrong.stderr


def test_launch_works_in_a_thread_and_under_a_given_folder(tmp_path: Path) -> None:
    config = resolve(EXPERIMENTS["cubic"].config, None, {"hidden": 2, "samples": 50, "gif": False})
    found: list[SavedRun] = []

    def work() -> None:
        found.append(
            launch(EXPERIMENTS["cubic"], config, command="a study", parent=tmp_path / "trials")
        )

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    (saved,) = found
    assert saved.path == tmp_path / "trials/cubic-0001"
    assert (saved.status, saved.record["command"]) == ("completed", "a study")
    assert (saved.path / "config.yaml").read_text().startswith("# a study\n")


def test_a_failed_launch_hands_over_the_run_that_had_begun(tmp_path: Path) -> None:
    keys = {"hidden": 2, "samples": 500, "lr": 1e300, "gif": False}
    config = resolve(EXPERIMENTS["cubic"].config, None, keys)
    failed: list[SavedRun] = []
    with pytest.raises(DivergedError):
        launch(
            EXPERIMENTS["cubic"], config, command="", run_dir=tmp_path / "a", failed=failed.append
        )
    assert [run.status for run in failed] == ["diverged"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_metrics_of_an_experiment_have_one_name_each(name: str) -> None:
    metrics = experiments.EXPERIMENTS[name].metrics
    assert len({metric.name for metric in metrics}) == len(metrics)
    assert all(metric.meaning for metric in metrics)
    assert all(f"{1.5 if metric.format != ',' else 1:{metric.format}}" for metric in metrics)


@pytest.mark.parametrize("needed", LACKING)
def test_a_run_that_lacks_what_a_command_needs_is_told_what_has_it(
    tmp_path: Path, needed: str
) -> None:
    make_run(tmp_path / "a", "cubic")
    assert experiment_of(SavedRun(tmp_path / "a"), needed) is EXPERIMENTS["cubic"]
    record = json.loads((tmp_path / "a/run.json").read_text())
    for name, said in (
        ("check", f"which {LACKING[needed]}; give a run of cubic"),
        ("other", "this nnlab has no experiment 'other'"),
    ):
        (tmp_path / "a/run.json").write_text(json.dumps(record | {"experiment": name}))
        with pytest.raises(UsageError, match=said):
            experiment_of(SavedRun(tmp_path / "a"), needed)
