"""Files of a sweep that are lost or damaged: the runs are the truth, and the rest is made again."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Typed
from tests.sweep.disturbed import SWEEP, finished

pytestmark = pytest.mark.slow
LONG = pytest.mark.long
MADE_AGAIN = ("journal.log", "readings.json", "failed.json", "trials.csv")
LAST = "t0005_s0"  # the run of the last trial


@pytest.fixture
def copy(tmp_path: Path, swept: tuple[Path, str]) -> Path:
    """A copy of the sweep."""
    shutil.copytree(swept[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / SWEEP


def noise(seed: int, count: int = 3000) -> bytes:
    return random.Random(seed).randbytes(count)  # noqa: S311 - not cryptography


def assert_goes_on(typed: Typed, directory: Path, expected: str) -> str:
    """Resume the sweep, which repeats no finished run and ends with the same trials."""
    before = finished(directory.parents[1])
    code, _, said = typed("sweep", "resume", str(directory))
    assert code == 0, said
    assert (directory / "trials.csv").read_text() == expected
    assert finished(directory.parents[1]).items() >= before.items()
    return said


def mirrored(directory: Path) -> list[int]:
    """Return the trials that Optuna finds in the journal, by our numbers."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(directory / "journal.log")))
    study = optuna.load_study(study_name="sweep", storage=storage)
    return sorted(trial.user_attrs["trial"] for trial in study.trials)


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "lost": lambda _: None,
    "empty": lambda _: b"",
    "cut": lambda whole: whole[:-7],
    "noise": lambda whole: noise(len(whole)),
    "noise at the end": lambda whole: whole + noise(1),
    "another kind": lambda _: b'{"t0000_s0": [1, {"reading": null}], "runs": {}}\n',
    "deep": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize(
    "damage",
    [pytest.param(each, marks=() if each in {"lost", "noise"} else LONG) for each in DAMAGES],
)
def test_what_can_be_made_again_is_made_again(
    typed: Typed, copy: Path, swept: tuple[Path, str], damage: str
) -> None:
    """All files at once, in a sweep that still has to train its last run."""
    for name in MADE_AGAIN:
        damaged = DAMAGES[damage]((copy / name).read_bytes())
        (copy / name).unlink()
        if damaged is not None:
            (copy / name).write_bytes(damaged)
    shutil.rmtree(copy / "runs" / LAST)
    assert_goes_on(typed, copy, swept[1])
    assert mirrored(copy) == list(range(6))


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG) for name in MADE_AGAIN])
def test_a_file_cut_at_every_byte_of_its_end(
    typed: Typed, copy: Path, swept: tuple[Path, str], name: str
) -> None:
    """Of the journal: at every byte of its last record; of the others: of the last 40 bytes."""
    whole = (swept[0] / SWEEP / name).read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1 if name == "journal.log" else max(0, len(whole) - 40)
    for size in range(start, len(whole)):
        (copy / name).write_bytes(whole[:size])
        assert_goes_on(typed, copy, swept[1])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"status": "completed"}', "[" * 100_000, noise(2).decode("latin-1")]
)
def test_a_damaged_record_of_the_sweep_is_one_message(typed: Typed, copy: Path, text: str) -> None:
    (copy / "sweep.json").write_text(text, encoding="utf-8")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    for words in (("resume",), ("show",), ("show", "--csv")):
        code, out, said = typed("sweep", words[0], str(copy), *words[1:])
        assert (code, out) == (2, "")
        assert "sweep.json is damaged" in said
        assert said.count("nnlab:") == 1
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_a_plan_that_cannot_be_is_one_message(typed: Typed, copy: Path) -> None:
    record = json.loads((copy / "sweep.json").read_text())
    record["plan"]["trials"] = 0
    (copy / "sweep.json").write_text(json.dumps(record))
    code, _, said = typed("sweep", "resume", str(copy))
    assert code == 2
    assert "sweep.json is damaged: plan.trials" in said


RUN_DAMAGES = {
    "run.json": ["", "{}", "[]", '{"status": "completed"}', '{"status": 3, "config": 4}', "\xff"],
    "metrics.csv": ["", "{", "step,rmse\n1,x\n", "step,other\n1,2\n"],
}


@pytest.mark.parametrize(
    "trial", [pytest.param(0, id="complete"), pytest.param(5, id="pruned", marks=LONG)]
)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(name, text, marks=LONG if place or name != "run.json" else ())
        for name, texts in RUN_DAMAGES.items()
        for place, text in enumerate(texts)
    ],
)
def test_a_damaged_run_fails_and_is_made_again_once_it_is_removed(
    typed: Typed, copy: Path, swept: tuple[Path, str], name: str, text: str, trial: int
) -> None:
    run = copy / "runs" / f"t{trial:04d}_s0"
    (run / name).write_text(text, encoding="latin-1")
    (copy / "readings.json").unlink()
    code, _, said = typed("sweep", "resume", str(copy))
    assert code == 1
    assert f"trial {trial} failed" in said
    (line,) = [line for line in (copy / "trials.csv").read_text().splitlines() if "failed" in line]
    assert f"runs/{run.name}" in line
    assert str(copy) not in line
    assert "remove its directory" in line or trial == 5  # it goes on, and its checkpoint is refused
    shutil.rmtree(run)
    assert_goes_on(typed, copy, swept[1])


def test_a_lost_rerun_of_the_best_is_told_and_made_again_once_it_is_removed(
    typed: Typed, copy: Path, swept: tuple[Path, str]
) -> None:
    (fresh,) = (copy / "runs").glob("*_s1")
    (fresh / "run.json").write_text("")
    code, out, said = typed("sweep", "resume", str(copy), "--jobs", "1")
    assert code == 1
    assert "the best has no value on fresh seed 1" in said
    assert "again on 0 of 1 fresh seed: no value" in out
    assert f"no value: runs/{fresh.name}/run.json is damaged" in out
    assert "to go on" not in out
    assert json.loads((copy / "sweep.json").read_text())["status"] == "completed"
    shutil.rmtree(fresh)
    assert_goes_on(typed, copy, swept[1])
