"""Whole small sweeps with real runs and real workers."""

import json
import shutil
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.sweep.cohorts import read_sweep
from nnlab.sweep.plan import Choices
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.table import trials_csv
from nnlab.sweep.trial import Results
from tests.conftest import digest
from tests.sweep import small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[SweepDirectory, Results]:
    directory = small.begun(tmp_path_factory.mktemp("sweeps"), small.plan())
    return directory, small.run(directory)


def test_each_trial_is_an_ordinary_run_and_a_lost_one_says_why(
    swept: tuple[SweepDirectory, Results],
) -> None:
    directory, results = swept
    assert [trial.state for trial in results.trials] == ["complete", "complete", "diverged"]
    assert "not finite at step" in results.trials[2].why
    for trial in results.trials[:2]:
        saved = SavedRun(directory.run_dir(trial.number, 0))
        assert trial.value == saved.summary["rmse"]
        assert saved.config["lr"] == trial.keys["lr"]
        assert saved.record["command"] == "nnlab sweep cubic"
        assert not (saved.path / "plots").exists()


def test_the_best_is_run_again_on_fresh_seeds(swept: tuple[SweepDirectory, Results]) -> None:
    directory, results = swept
    best = results.best
    assert best is not None
    again = [SavedRun(directory.run_dir(best.number, seed)) for seed in (1, 2)]
    assert best.fresh == tuple(saved.summary["rmse"] for saved in again)
    assert best.value == min(trial.value for trial in results.trials if trial.value is not None)
    assert results.optimism == sum(best.fresh) / 2 - best.value


def test_a_sweep_is_read_from_its_runs_alone(
    swept: tuple[SweepDirectory, Results], tmp_path: Path
) -> None:
    directory, results = swept
    copy = tmp_path / "copy"
    shutil.copytree(directory.path, copy)
    for damage in (None, b"", b"[1, 2", bytes(range(256)), b'{"t0000_s0": 3}'):
        for name in ("readings.json", "failed.json", "journal.log"):
            (copy / name).unlink(missing_ok=True)
            if damage is not None:
                (copy / name).write_bytes(damage)
        with SweepDirectory.open(copy) as again:
            assert read_sweep(again) == (results, [])


def test_a_resume_repeats_nothing_that_finished(
    swept: tuple[SweepDirectory, Results], tmp_path: Path
) -> None:
    directory, results = swept
    copy = tmp_path / "copy"
    shutil.copytree(directory.path, copy)
    shutil.rmtree(copy / "runs/t0001_s0")
    before = {path.name: path.stat().st_mtime_ns for path in copy.glob("runs/*/run.json")}
    assert small.run(SweepDirectory.open(copy)).trials[0] == results.trials[0]
    assert {path.name: path.stat().st_mtime_ns for path in copy.glob("runs/*/run.json")} == before
    again = digest(copy / "runs/t0001_s0")
    assert again == digest(directory.path / "runs/t0001_s0")


def test_the_time_is_over(tmp_path: Path) -> None:
    directory = small.begun(tmp_path, small.plan())
    results = small.run(directory, budget=0)
    assert [trial.state for trial in results.trials] == ["waiting"] * 3
    assert not list(directory.path.glob("runs/*"))
    results = small.run(SweepDirectory.open(directory.path))
    assert results.best is not None
    assert results.best.fresh


def test_runs_of_another_sweep_are_refused(
    swept: tuple[SweepDirectory, Results], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(swept[0].path, copy)
    record = json.loads((copy / "sweep.json").read_text())
    record["plan"]["space"]["lr"]["values"][1] = 0.2
    (copy / "sweep.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match=r"trial 1 have lr 0\.1, but this sweep proposes 0\.2"):
        small.run(SweepDirectory.open(copy))


def test_a_run_that_cannot_be_trained_fails_and_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    space = {"lr": Choices(values=[0.01])}
    base = {**small.BASE, "init_from": str(file)}
    plan = small.plan(space=space, base=base, trials=1, reruns=0)
    directory = small.begun(tmp_path, plan)
    results = small.run(directory)
    assert [trial.state for trial in results.trials] == ["failed"]
    assert "weights.npz" in results.trials[0].why
    with SweepDirectory.open(directory.path) as again:
        assert read_sweep(again)[0] == results


def test_a_generation_that_was_begun_keeps_its_settings(tmp_path: Path) -> None:
    """TPE proposes others once a trial before them, that had failed, is tried again and counts."""
    plan = small.plan(search="tpe", space={"lr": small.LR}, trials=16, reruns=0)
    directory = small.begun(tmp_path, plan)
    straight = small.run(directory)
    for number in (3, 13, 14, 15):
        shutil.rmtree(directory.run_dir(number, 0))
    again = small.run(SweepDirectory.open(directory.path))
    assert trials_csv(again) == trials_csv(straight)
    # Now as if trial 3 had failed when trials 12 to 15 were proposed: trial 12 has another setting.
    shutil.rmtree(directory.run_dir(13, 0))
    for name in ("run.json", "config.yaml"):
        file = directory.run_dir(12, 0) / name
        text = file.read_text()
        assert str(straight.trials[12].keys["lr"]) in text
        file.write_text(text.replace(str(straight.trials[12].keys["lr"]), "0.0123"))
    last = small.run(SweepDirectory.open(directory.path))
    assert [trial.keys["lr"] for trial in last.trials[12:14]] == [
        0.0123, straight.trials[13].keys["lr"],
    ]  # fmt: skip


def test_a_setting_that_does_not_fit_fails_and_the_rest_go_on(tmp_path: Path) -> None:
    """Nothing checks it before: a range of TPE has too many values."""
    space = {"samples": Choices(values=[10, 200]), "batch_size": Choices(values=[1, 50])}
    plan = small.plan(space=space, trials=4, reruns=0, prune=True)
    results = small.run(small.begun(tmp_path, plan))
    assert [trial.state for trial in results.trials].count("failed") == 1
    assert "batch_size 50 is more than samples 10" in results.trials[1].why
    assert results.best is not None


def test_runs_with_another_base_are_refused(
    swept: tuple[SweepDirectory, Results], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(swept[0].path, copy)
    record = json.loads((copy / "sweep.json").read_text())
    record["plan"]["base"]["samples"] = 400
    (copy / "sweep.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="trial 0 have another samples than this sweep"):
        small.run(SweepDirectory.open(copy))


def test_what_is_mended_is_read_again(tmp_path: Path) -> None:
    directory = small.begun(tmp_path, small.plan(prune=True, trials=2, reruns=0,
        space={"lr": Choices(values=[0.01, 0.1])}))  # fmt: skip
    results = small.run(directory)
    best = results.best
    assert best is not None
    log = directory.run_dir(best.number, 0) / "metrics.csv"
    whole = log.read_bytes()
    log.write_bytes(b"")
    (directory.path / "readings.json").unlink()
    assert "failed" in [trial.state for trial in read_sweep(directory)[0].trials]
    log.write_bytes(whole)
    assert read_sweep(SweepDirectory.open(directory.path))[0] == results


@pytest.mark.parametrize("search", ["grid", "tpe"])
def test_one_damaged_run_hides_no_others(tmp_path: Path, search: str) -> None:
    space = {"lr": small.LR if search == "tpe" else Choices(values=[0.01, 0.02, 0.03, 0.04, 0.05])}
    directory = small.begun(tmp_path, small.plan(space=space, search=search, trials=5, reruns=0))
    results = small.run(directory)
    (directory.run_dir(2, 0) / "run.json").write_text("{")
    shown = read_sweep(directory)[0]
    assert [trial.state for trial in shown.trials] == [
        "complete", "complete", "failed", "complete", "complete",
    ]  # fmt: skip
    assert [trial.keys for trial in shown.trials] == [trial.keys for trial in results.trials]
