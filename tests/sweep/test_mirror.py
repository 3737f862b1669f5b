"""The mirror is a journal that Optuna loads; whatever is wrong with the file, the sweep goes on."""

import os
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from nnlab.sweep.mirror import Mirror
from nnlab.sweep.plan import Choices, Plan, Range
from nnlab.sweep.trial import Trial

PLAN = Plan(
    experiment="cubic",
    base={},
    space={
        "lr": Range(low=0.001, high=1, log=True),
        "width": Range(low=1, high=64, whole=True),
        "filters": Choices(values=[[8], [8, 16]]),
        "act": Choices(values=["relu", None, 3, 0.5]),
    },
    search="random",
    trials=9,
    seed=0,
    metric="rmse",
    direction="minimize",
)
TRIALS = [
    Trial(2, {"lr": 0.1, "width": 3, "filters": [8], "act": "relu"}, "complete", 0.1 + 0.2),
    Trial(
        0,
        {"lr": 0.001, "width": 64, "filters": [8, 16], "act": None},
        "pruned",
        0.7,
        rungs={2: 0.9, 5: 0.7},
        seconds=60,
    ),
    Trial(1, {"lr": 1.0, "width": 1, "filters": [8], "act": 3}, "diverged"),
    Trial(3, {"lr": 0.5, "width": 2, "filters": [8], "act": 0.5}, "failed", why="no memory"),
    Trial(4, {"lr": 0.5, "width": 2, "filters": [8], "act": 0.5}, "dropped", 0.8, (0.8,)),
]


def mirrored(path: Path, trials: list[Trial]) -> list[str]:
    """Mirror the trials; return the warnings."""
    warnings: list[str] = []
    mirror = Mirror(path, PLAN, warnings.append)
    for trial in trials:
        mirror.add(trial)
    return warnings


def loaded(path: Path) -> optuna.Study:
    """Load the study as optuna-dashboard does."""
    storage = JournalStorage(JournalFileBackend(str(path)))
    return optuna.load_study(study_name=None, storage=storage)


def test_optuna_loads_the_same_trials(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    assert mirrored(path, TRIALS) == []
    study = loaded(path)
    assert study.direction == optuna.study.StudyDirection.MINIMIZE
    shown = study.trials
    assert [each.user_attrs["trial"] for each in shown] == [2, 0, 1, 3, 4]
    assert [each.state for each in shown] == [
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.COMPLETE,
        TrialState.FAIL,
        TrialState.COMPLETE,
    ]
    assert [each.value for each in shown] == [0.1 + 0.2, 0.7, float("inf"), None, 0.8]
    assert shown[1].params == {"lr": 0.001, "width": 64, "filters": "[8, 16]", "act": None}
    assert shown[1].intermediate_values == {2: 0.9, 5: 0.7}
    assert shown[1].duration is not None
    assert shown[1].duration.total_seconds() == 60
    assert study.best_trial.user_attrs["trial"] == 2


def test_each_trial_is_one_line_that_is_there_when_add_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    mirror = Mirror(path, PLAN, pytest.fail)
    for count, trial in enumerate(TRIALS, 2):
        mirror.add(trial)
        assert path.read_bytes().count(b"\n") == count
    assert sorted(tmp_path.iterdir()) == [path]  # no lock is left


def test_a_stale_lock_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    path.touch()
    lock = Path(f"{path}.lock")
    lock.symlink_to(path)
    Path(f"{lock}1234.rename").symlink_to(path)
    assert mirrored(path, TRIALS) == []
    assert sorted(tmp_path.iterdir()) == [path]
    assert len(loaded(path).trials) == len(TRIALS)


@pytest.mark.parametrize("damage", [b"\xff\x00garbage\n", b'{"op_code":4,"worker'])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "journal.log"
    mirrored(path, TRIALS)
    path.write_bytes(damage + path.read_bytes() + damage)
    assert mirrored(path, TRIALS[:2]) == []
    assert len(loaded(path).trials) == 2


def test_a_folder_in_the_way_is_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    path.mkdir()
    (warning,) = mirrored(path, TRIALS)
    assert str(path) in warning
    assert "the sweep goes on" in warning


def test_a_folder_that_is_not_there_is_one_warning(tmp_path: Path) -> None:
    assert len(mirrored(tmp_path / "missing" / "journal.log", TRIALS)) == 1


def test_a_file_that_is_damaged_meanwhile_is_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    warnings: list[str] = []
    mirror = Mirror(path, PLAN, warnings.append)
    mirror.add(TRIALS[0])
    path.write_bytes(b"x" * 10_000 + b"\n")
    for trial in TRIALS[1:]:
        mirror.add(trial)
    assert len(warnings) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    warnings: list[str] = []
    mirror = Mirror(path, PLAN, warnings.append)
    path.unlink()
    path.symlink_to("/dev/full")
    for trial in TRIALS:
        mirror.add(trial)
    (warning,) = warnings
    assert os.strerror(28) in warning


def test_without_optuna_there_is_no_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnlab.sweep.mirror.find_spec", {}.get)
    assert mirrored(tmp_path / "journal.log", TRIALS) == []
    assert list(tmp_path.iterdir()) == []
