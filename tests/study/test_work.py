import json
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.training import trained
from nnlab.runs.saved import SavedRun
from nnlab.study.load import load
from nnlab.study.results import Reading
from nnlab.study.work import encoded, measure, work
from tests.conftest import digest
from tests.study.test_load import WHOLE, written

CUBIC = EXPERIMENTS["cubic"]
KEYS = {"samples": 200, "hidden": 5, "seed": 3}


def ask(folder: Path, **keys: object) -> dict[str, object]:
    """Return the arguments of `work` for a small run in `folder`."""
    return {
        "study": (file := written(folder, WHOLE)), "digest": load(file).digest, "part": "one",
        "command": "test", "home": folder,
        "runs": [{"keys": KEYS | keys, "run_dir": "run", "measured": "run.json"}],
    }  # fmt: skip


def alone(path: Path) -> SavedRun:
    """Train a small run in `path`, or go on with it."""
    (end,) = trained(CUBIC, {path: KEYS}, "test")
    assert isinstance(end, SavedRun)
    return end


def test_a_run_is_trained_and_measured(tmp_path: Path) -> None:
    work(**ask(tmp_path))  # type: ignore[arg-type]
    saved = SavedRun(tmp_path / "run")
    assert (saved.status, saved.record["command"]) == ("completed", "test")
    readings = json.loads((tmp_path / "run.json").read_text())
    assert readings == [["diverged", 0, ""], ["rmse", saved.metrics["rmse"][-1], ""]]


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    work(**ask(tmp_path))  # type: ignore[arg-type]
    before = (tmp_path / "run" / "run.json").read_bytes()
    work(**ask(tmp_path))  # type: ignore[arg-type]
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_a_run_that_diverges_is_a_result(tmp_path: Path) -> None:
    work(**ask(tmp_path, lr=1e6))  # type: ignore[arg-type]
    assert SavedRun(tmp_path / "run").status == "diverged"
    assert json.loads((tmp_path / "run.json").read_text()) == [["diverged", 1, ""]]
    work(**ask(tmp_path, lr=1e6))  # type: ignore[arg-type]


def test_a_run_that_was_killed_before_it_began_is_started(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint").mkdir(parents=True)
    saved = alone(tmp_path / "run")
    assert saved.status == "completed"


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    whole = alone(tmp_path / "whole")
    part = alone(tmp_path / "run")
    record = part.record | {"status": "running"}
    for name in ("model.npz", "metrics.csv"):
        (part.path / name).unlink()
    (part.path / "run.json").write_text(json.dumps(record))
    (part.path / "metrics.csv").write_bytes((whole.path / "metrics.csv").read_bytes())
    again = alone(tmp_path / "run")
    assert again.status == "completed"
    assert digest(again.path) == digest(whole.path)


def test_a_damaged_run_is_one_message(tmp_path: Path) -> None:
    alone(tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text("{")
    (fault,) = work(**ask(tmp_path))  # type: ignore[arg-type]
    assert "run.json is damaged" in fault.why


def test_numbers_that_json_lacks_are_text() -> None:
    assert [encoded(x) for x in (1.5, float("inf"), float("nan"))] == [1.5, "inf", "nan"]


def test_measures_follow_each_other(tmp_path: Path) -> None:
    saved = alone(tmp_path / "run")
    (part,) = load(written(tmp_path, WHOLE)).study.parts
    assert measure(part, saved)[0] == Reading("diverged", 0)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_runs_of_one_arm_are_trained_together(tmp_path: Path, engine: str) -> None:
    keys: dict[str, object] = KEYS | {"engine": engine}
    wanted = {tmp_path / f"s{seed}": keys | {"seed": seed} for seed in (0, 1)}
    wanted[tmp_path / "wild"] = keys | {"lr": 1e6}
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{")
    wanted[tmp_path / "damaged"] = keys
    *ends, wild, damaged = trained(CUBIC, wanted, "test", threads=2)
    assert isinstance(wild, SavedRun)
    assert wild.status == "diverged"
    assert isinstance(damaged, UsageError)
    for end, (path, own) in zip(ends, wanted.items(), strict=False):
        assert isinstance(end, SavedRun)
        (lone,) = trained(CUBIC, {tmp_path / f"lone-{path.name}": own}, "test")
        assert isinstance(lone, SavedRun)
        assert digest(end.path) == digest(lone.path)
