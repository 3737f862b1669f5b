"""`nnlab study`: what it prints in a pipe, in a terminal and as JSON."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT, Typed, command
from tests.study.finished import finished, showing, source

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a finished study, in the folder where the test works."""
    monkeypatch.chdir(tmp_path)
    return finished(tmp_path).relative_to(tmp_path)


def test_in_a_pipe_each_claim_is_one_whole_line(typed: Typed, directory: Path) -> None:
    code, out, fault = typed(*showing(directory))
    assert (code, fault) == (0, "")
    lines = out.splitlines()
    assert lines[1] == "made: Is `b` better than a?"
    assert lines[2].split() == ["claim", "verdict", "because"]
    assert lines[3].startswith("The error of b is lower. ")
    assert lines[3].endswith("(95% interval 0.458 to 0.546; 8 seeds)")
    assert [re.split("  +", line)[1] for line in lines[3:10]] == [
        "supported", "refuted", "depends", "undecided", "undecided", "supported", "supported",
    ]  # fmt: skip
    assert lines[10:] == [
        "7 claims: 3 supported, 1 refuted, 1 depends, 2 undecided",
        "study directory: studies/made-0001  (verdicts.json, results.csv, rmse.png)",
        "page: studies/made-0001/report.html",
    ]


@pytest.mark.parametrize("columns", [60, 100])
def test_in_a_terminal_sentences_wrap_and_verdicts_have_a_colour(
    directory: Path, columns: int
) -> None:
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in ENVIRONMENT.items() if k != "NO_COLOR"}
    subprocess.run(
        command(*showing(directory)), stdout=theirs, check=True,
        env=environment | {"TERM": "xterm-256color", "COLUMNS": str(columns)},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while chunk := read(ours):
        shown += chunk
    os.close(ours)
    text = shown.decode()
    assert "\x1b[1;32msupported" in text
    assert "\x1b[1;31mrefuted" in text
    table = ESCAPES.sub("", text).partition("7 claims")[0].splitlines()
    assert max(map(len, table)) <= columns
    assert "…" not in text
    assert all(
        word in ESCAPES.sub("", text) for word in ("0.458", "0.546", "wherever", "rounding:")
    )


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_json_is_one_object_with_every_number(typed: Typed, directory: Path) -> None:
    code, out, _ = typed(*showing(directory), "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["study"], told["directory"]) == ("made", str(directory))
    assert Path(told["page"]).is_file()
    assert [each["verdict"] for each in told["claims"]].count("supported") == 3
    assert told["claims"][0]["tests"][0]["outcome"]["n"] == 8
    assert told["foretold"] == {"second": {"best_width": 40.0, "unseen": 1.0}}
    assert "warning" not in told
    written = json.loads((directory / "verdicts.json").read_text())
    assert written == {k: v for k, v in told.items() if k not in {"directory", "page"}}


def test_a_smoke_test_says_so_in_the_terminal_and_in_json(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quick = str(finished(tmp_path, quick=True))
    warning = "This is a smoke test (--quick): its verdicts and numbers mean nothing."
    _, out, _ = typed(*showing(Path(quick)))
    assert out.splitlines()[2] == warning
    assert "7 claims: 3 supported, 1 refuted, 1 depends, 2 undecided (smoke test)" in out
    assert out.splitlines()[-2] == "Run it in earnest: nnlab study mine.py --seeds 8"
    assert out.splitlines()[-1] == warning
    _, out, _ = typed(*showing(Path(quick)), "--json")
    assert json.loads(out)["warning"] == warning


def test_quiet_prints_the_directory_alone(typed: Typed, directory: Path) -> None:
    assert typed(*showing(directory), "--quiet") == (0, f"{directory}\n", "")


def test_a_few_more_seeds_are_the_next_step(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = finished(tmp_path, factor=0.97)  # smaller than the wiggle
    _, out, _ = typed(*showing(directory))
    (wanted,) = {int(n) for n in re.findall(r"about (\d\d) seeds would decide it", out)}
    assert out.splitlines()[-1].endswith(f": nnlab study mine.py --seeds {wanted}")


def test_the_next_command_works_from_where_the_user_is(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.chdir(tmp_path)
    _, out, _ = typed(*showing(finished(tmp_path / "own", factor=0.97)))
    assert " nnlab study own/mine.py --seeds " in out.splitlines()[-1]
    assert out.splitlines()[-1].endswith(" --studies-dir own/studies")


def test_a_study_that_has_changed_is_not_shown(typed: Typed, directory: Path) -> None:
    Path("mine.py").write_text(source() + "# a word\n")
    code, out, fault = typed(*showing(directory))
    assert (code, out) == (2, "")
    assert "has changed since" in fault


def test_the_list_has_each_study_with_its_question(typed: Typed) -> None:
    code, out, _ = typed("study", "list")
    assert code == 0
    header, *rows = out.splitlines()
    assert header.split()[:3] == ["study", "question", "claims"]
    _, told, _ = typed("study", "list", "--json")
    studies = json.loads(told)
    assert [row.split()[0] for row in rows] == [each["name"] for each in studies]
    for row, each in zip(rows, studies, strict=True):
        assert each["question"] in row
        assert f" {len(each['claims'])}" in row.replace(each["question"], "")


@pytest.mark.parametrize("name", ["made-0001", "last"])
def test_a_study_is_found_by_its_name(typed: Typed, directory: Path, name: str) -> None:
    code, out, _ = typed("study", "show", name, "--file", "mine.py")
    assert code == 0
    assert f"page: {directory}/report.html" in out


def test_a_study_is_no_run(typed: Typed, directory: Path) -> None:
    said = f"{directory} is a study: nnlab study show {directory}; to list its runs: "
    for word in ("show", "report"):
        code, _, fault = typed(word, str(directory))
        assert code == 2
        assert said in fault


def test_a_study_of_another_nnlab_is_started_again(typed: Typed, directory: Path) -> None:
    record = json.loads((directory / "study.json").read_text())
    (directory / "study.json").write_text(json.dumps(record | {"reference": "gradient"}))
    code, _, fault = typed("study", "show", str(directory))
    assert code == 2
    assert "start it again: nnlab study gradient" in fault
    assert "put the file back" not in fault


def test_a_smoke_test_finds_a_fault_of_the_whole_study(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = source().replace('"samples": 500', '"samples": -500')
    Path("mine.py").write_text(text.replace("arms={", 'quick={"samples": 5}, arms={', 1))
    code, _, fault = typed("study", "mine.py", "--quick")
    assert code == 2
    assert "samples got -500" in fault
    assert not Path("studies").exists()


def test_a_measure_that_no_run_has_is_named(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    directory = finished(tmp_path, file=source().replace('measure="noisy"', 'measure="noisi"'))
    code, out, fault = typed(*showing(directory))
    assert (code, out) == (2, "")
    assert "claim luck: no run of part first has the measure 'noisi'; they have accuracy, " in fault
