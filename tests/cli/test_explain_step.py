"""`nnlab explain RUN --step N`: printed, written, and one message for what cannot be explained."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nnlab.study.answers import TOPICS
from tests.conftest import Typed
from tests.cubic.worked import reader
from tests.runs.trained import bare, stopped

Explain = Callable[..., tuple[int, str, str]]
LACKS = "which has no step that can be written out; give a run of cubic"
KEYS = {"samples": 60, "gif": False, "log_every": 60}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with runs of 60 steps."""
    path = tmp_path_factory.mktemp("explain")
    bare(path / "runs/small", "cubic", hidden=2, **KEYS)
    run = bare(path / "runs/wide", "cubic", hidden=9, **KEYS)
    stopped(run, path / "runs/half")
    bare(path / "runs/checked", "check", hidden=2)
    for name, files in (("damaged", {"run.json": "{"}), ("pictures", {"run.json": FASHION})):
        (path / "runs" / name).mkdir()
        for file, content in files.items():
            (path / "runs" / name / file).write_text(content)
    return path


FASHION = '{"experiment": "fashion", "status": "completed", "command": ""}'


@pytest.fixture
def explain(typed: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Explain:
    """Type `nnlab explain WORDS` beside the runs."""
    monkeypatch.chdir(folder)
    return lambda *words: typed("explain", *words)


def test_a_small_run_is_written_out_and_a_wide_one_told_in_summary(explain: Explain) -> None:
    code, out, fault = explain("small", "--step", "59")
    assert (code, fault) == (0, "")
    assert out.startswith("small: the step from 59 to 60, in numbers\n")
    assert len(list(reader.lines(out))) > 40
    code, out, fault = explain("runs/wide", "--step", "0")
    assert (code, fault) == (0, "")
    assert "because there are 9 units in a layer" in out
    assert len(list(reader.lines(out))) == 19
    code, out, _ = explain("wide", "--step", "0", "--units", "2")
    assert code == 0
    assert "not the network of wide" in out
    assert len(list(reader.lines(out))) > 40


def test_formats(explain: Explain) -> None:
    begins = {
        form: explain("small", "--step", "1", "--format", form)[1].splitlines()[0]
        for form in ("text", "markdown", "latex")
    }
    assert begins == {
        "text": "small: the step from 1 to 2, in numbers",
        "markdown": "# small: the step from 1 to 2, in numbers",
        "latex": r"\documentclass{article}",
    }


def test_an_unfinished_run_is_said_to_be_one(explain: Explain) -> None:
    code, out, _ = explain("half", "--step", "5")
    assert code == 0
    assert "half is interrupted. The step is computed from its config" in " ".join(out.split())


def test_a_version_that_differs_is_told_beside_the_step(explain: Explain, folder: Path) -> None:
    shutil.copytree(folder / "runs/small", folder / "runs/older")
    record = json.loads((folder / "runs/older/run.json").read_text())
    record["versions"]["numpy"] = "1.0"
    (folder / "runs/older/run.json").write_text(json.dumps(record))
    code, out, fault = explain("older", "--step", "5")
    assert (code, fault.count("\n")) == (0, 1)
    assert fault.startswith("note: ")
    assert "1.0" in fault
    assert fault.endswith("the last bits of this step may differ from those that the run had\n")
    assert out.startswith("older: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("small", "small is a run; add the step to explain: --step N"),
        ("small --step 60", "--step 60: small takes 60 steps, so N is 0 to 59"),
        ("small --step -1", "--step -1: small takes 60 steps, so N is 0 to 59"),
        ("small --step 5 --units 5", "--units 5: a step is written out for 1 to 4 units"),
        ("small --units 2", "--units is for one step of a run; add --step N"),
        ("epoch --student Ada", "--student is for one step of a run; add --step N"),
        ("small --step 5 --json",
         "--json is for a topic; a step has --format text, markdown or latex"),
        ("small --step 5 --exercise",
         "--exercise needs a name: --student NAME; each name has other numbers"),
        ("small --step 5 --exercise --student=",
         "--exercise needs a name: --student NAME; each name has other numbers"),
        ("small --step 5 --student Ada",
         "--student is for an exercise; add --exercise, or leave --student out"),
        ("small --step 5 -o there", "-o is for an exercise; add --exercise, or leave -o out"),
        ("small --step 5 --exercise --student Ada -o no/where",
         "-o no/where: there is no folder no; make it, or choose another place"),
        ("pictures --step 5 --units 2",
         f"runs/pictures is a run of fashion, {LACKS}"),
        ("checked --step 5",
         f"runs/checked is a run of check, {LACKS}"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_one_message(explain: Explain, words: str, said: str) -> None:
    code, out, fault = explain(*words.split())
    assert (code, out, fault) == (2, "", f"nnlab: {said}\n")


@pytest.mark.parametrize("run", ["damaged", "nowhere", "last:check"])
def test_a_run_that_is_damaged_or_missing_is_one_message(explain: Explain, run: str) -> None:
    code, out, fault = explain(run, "--step", "1")
    assert (code, out) == (2, "")
    assert fault.startswith("nnlab: ")
    assert fault.count("\n") == 1


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_no_steps(explain: Explain, topic: str) -> None:
    code, _, fault = explain(topic, "--step", "1")
    said = f"nnlab: {topic} is a topic and has no steps; leave out --step, or give a run\n"
    assert (code, fault) == (2, said)


def test_an_exercise_and_its_key_are_written_once(explain: Explain, tmp_path: Path) -> None:
    words = ["small", "--step", "5", "--exercise", "--student", "Ada", "-o", str(tmp_path / "ada")]
    code, out, fault = explain(*words)
    paths = [tmp_path / "ada/exercise.md", tmp_path / "ada/key.md"]
    assert (code, out, fault) == (0, "".join(f"wrote {path}\n" for path in paths), "")
    exercise, key = (path.read_text(encoding="utf-8") for path in paths)
    assert [line.result for line in reader.lines(exercise)] == [None] * 43
    assert all(line.result for line in reader.lines(key))
    assert reader.given(exercise) == reader.given(key)

    paths[0].unlink()
    code, out, fault = explain(*words)
    said = f"nnlab: {paths[1]} exists; choose another folder with -o\n"
    assert (code, out, fault) == (2, "", said)
    assert not paths[0].exists()

    code, out, _ = explain(*words, "--format", "latex")
    assert (code, sorted(path.name for path in (tmp_path / "ada").iterdir())) == (
        0, ["exercise.tex", "key.md", "key.tex"],
    )  # fmt: skip


def test_without_a_folder_an_exercise_is_in_exercise(
    explain: Explain, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = str(folder / "runs/small")
    monkeypatch.chdir(tmp_path)
    assert explain(run, "--step", "0", "--exercise", "--student", "Ada")[0] == 0
    assert (tmp_path / "exercise/key.md").is_file()
