"""docs/questions.md and `nnlab explain` say what finished studies found, and nothing else."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nnlab.study import answers, claims, load
from tests.conftest import Typed
from tests.study.finished import finished, source

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e-?\d+)?")


@pytest.fixture
def tool() -> ModuleType:
    """The module tools/study_docs.py."""
    spec = importlib.util.spec_from_file_location("study_docs", ROOT / "tools/study_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Measure = Callable[..., dict[str, Any]]


@pytest.fixture
def measure(
    tool: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Measure:
    """Let nnlab have the studies `batch-size` and `extra`, finished; write the docs into docs/."""
    (tmp_path / "claims").mkdir()
    for name in ("batch-size", "extra"):
        module = name.replace("-", "_")
        (tmp_path / f"claims/{module}.py").write_text(source(name))
        monkeypatch.delitem(sys.modules, f"{claims.__name__}.{module}", raising=False)
    monkeypatch.setattr(claims, "__path__", [str(tmp_path / "claims")])
    assert load.names() == ["batch-size", "extra"]
    (tmp_path / "none.json").write_text("{}")
    monkeypatch.setattr(answers, "PATH", tmp_path / "none.json")

    def write(**how: Any) -> dict[str, Any]:
        for name in load.names():
            finished(tmp_path, reference=name, **how)
        tool.main(tmp_path / "studies", tmp_path / "docs")
        monkeypatch.setattr(answers, "PATH", tmp_path / "docs/answers.json")
        assert "from " in capsys.readouterr().out
        return dict(answers.answers())

    return write


def test_the_page_is_that_of_the_answers(tool: ModuleType) -> None:
    tool.main(check=True)  # exits with a message if it is not


def test_each_number_of_an_explanation_was_measured(measure: Measure, typed: Typed) -> None:
    found = measure()
    code, out, fault = typed("explain", "batch-size")
    assert (code, fault) == (0, "")
    measured = set(NUMBER.findall(json.dumps(found)))
    assert len(set(NUMBER.findall(out))) > 10
    assert set(NUMBER.findall(out)) <= measured
    assert "The error of b is lower." in out
    assert "to measure it again: nnlab study batch-size --seeds 8" in out
    ends = found["batch-size"]["claims"][2]["numbers"]["rows"][0]
    assert ends[0] == "at the end: rmse, b / a"
    assert re.search("  +".join(map(re.escape, ends[:3])), out)
    assert "not measured yet; to measure it: nnlab study noise-scale" in out
    code, out, _ = typed("explain", "batch-size", "--json")
    assert json.loads(out)["studies"] == {"batch-size": found["batch-size"], "noise-scale": None}


def test_the_page_has_the_numbers_and_pictures_of_the_answers(
    measure: Measure, tmp_path: Path
) -> None:
    found, page = measure(), (tmp_path / "docs/questions.md").read_text()
    measured = set(NUMBER.findall(json.dumps(found)))
    assert set(NUMBER.findall(page)) <= measured
    for name in ("batch-size", "extra"):
        for claim in found[name]["claims"]:
            assert page.count(f"- **{claim['verdict']}**: {claim['says']} Measured: ") == 2
        assert f"nnlab study {name} --seeds 8" in page
        picture = tmp_path / f"docs/images/study-{name}-rmse.png"
        assert f"](images/{picture.name})" in page
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert found[name]["machine"] in page
    row = found["batch-size"]["claims"][0]["numbers"]["rows"][0]
    assert f"| {' | '.join(row)} |" in page


def test_the_sentences_follow_the_data(measure: Measure, tmp_path: Path) -> None:
    measure(factor=2.0)
    page = (tmp_path / "docs/questions.md").read_text()
    assert "**refuted**: The error of b is lower." in page
    assert "**supported**: The error of b is higher." in page


def test_the_newest_study_counts_and_an_unfinished_one_does_not(
    measure: Measure, tool: ModuleType, tmp_path: Path
) -> None:
    measure(factor=2.0)
    finished(tmp_path, reference="extra", factor=0.5)
    finished(tmp_path, reference="extra", factor=2.0, status="interrupted")
    tool.main(tmp_path / "studies", tmp_path / "docs")
    verdicts = {k: v["claims"][0]["verdict"] for k, v in answers.answers().items()}
    assert verdicts == {"batch-size": "refuted", "extra": "supported"}


def test_smoke_tests_never_become_answers(
    measure: Measure, tool: ModuleType, tmp_path: Path, typed: Typed
) -> None:
    measure(quick=True)  # into a folder of one's own they do, and say so
    assert "smoke test" in (tmp_path / "docs/questions.md").read_text()
    assert "smoke test" in typed("explain", "batch-size")[1]
    assert list(tool.finished(tmp_path / "studies", quick=False)) == []


def test_the_list_says_how_long_the_runs_took(measure: Measure, typed: Typed) -> None:
    assert "runs take" not in typed("study", "list")[1]
    measure()
    _, out, _ = typed("study", "list")
    assert out.splitlines()[0].split()[-2:] == ["runs", "take"]
    assert out.splitlines()[1].endswith("  2.9 min")  # 19 runs of 9 seconds
    _, out, _ = typed("study", "list", "--json")
    assert [each["seconds"] for each in json.loads(out)] == [171.0, 171.0]
