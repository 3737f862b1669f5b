"""Begin a sweep and open it again: what is refused."""

import json
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.sweep.opening import reopened
from nnlab.sweep.plan import MOST_TRIALS, Range
from tests.sweep import small


def test_more_trials_than_a_sweep_can_have_are_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    plan = small.plan(search="random", space={"lr": small.LR})
    directory = small.begun(tmp_path, plan)
    before = (directory.path / "sweep.json").read_bytes()
    with pytest.raises(UsageError, match="at most 1,000,000 trials"):
        reopened(directory.path, "resume", trials=MOST_TRIALS + 1)
    assert (directory.path / "sweep.json").read_bytes() == before
    assert reopened(directory.path, "resume", trials=40).plan.trials == 40


def test_more_trials_than_a_finite_space_has_are_refused(tmp_path: Path) -> None:
    space = {"hidden": Range(low=3, high=5, whole=True)}
    directory = small.begun(tmp_path, small.plan(search="random", space=space, trials=2))
    with pytest.raises(UsageError, match="--trials 4: the space of this sweep has only 3 settings"):
        reopened(directory.path, "resume", trials=4)
    assert reopened(directory.path, "resume", trials=3).plan.trials == 3


def test_a_name_that_exists_is_refused(tmp_path: Path) -> None:
    small.begun(tmp_path, small.plan())
    with pytest.raises(UsageError, match=r"another --name, or go on with it: nnlab sweep resume"):
        small.begun(tmp_path, small.plan())
    (tmp_path / "half").mkdir()
    with pytest.raises(UsageError, match=r"overwrites a sweep: choose another --name$"):
        small.begun(tmp_path, small.plan(), "half")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("space", {}, "space"),
        ("experiment", "nope", "no experiment 'nope'"),
        ("experiment", "check", "no experiment 'check'"),
        ("metric", "nope", "no metric 'nope'"),
        ("space", {"lr": {"low": 0.1, "high": 1}}, "a grid has no ranges, as lr"),
        ("space", {"lr": {"low": 1, "high": 0.1}}, "lr has no range from 1.0 to 0.1"),
        ("first_seed", 10**400, "first_seed"),
        ("trials", 2_000_000, "trials"),
    ],
)
def test_a_plan_that_no_sweep_can_have_is_one_message(
    tmp_path: Path, key: str, value: object, told: str
) -> None:
    directory = small.begun(tmp_path, small.plan())
    record = json.loads((directory.path / "sweep.json").read_text())
    record["plan"][key] = value
    (directory.path / "sweep.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match=r"sweep\.json is damaged") as error:
        reopened(directory.path, "show")
    assert told in str(error.value)
    assert f"nnlab runs --runs-dir {directory.path}/runs" in str(error.value)


def test_a_sweep_without_its_runs_begins_again(tmp_path: Path) -> None:
    directory = small.begun(tmp_path, small.plan())
    (directory.path / "runs").rmdir()
    assert directory.runs() == {}
