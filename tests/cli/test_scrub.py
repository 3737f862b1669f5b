"""`nnlab scrub`: what it writes, and what it refuses."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT, Nnlab, Typed, command
from tests.runs.trained import lengthen, stopped, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run of cubic."""
    keys = {"hidden": 3, "samples": 60, "gif": False}
    return trained(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **keys).path


def test_a_page_is_written_once(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    done = nnlab("scrub", made)
    assert (done.returncode, done.stdout) == (0, "scrub.html\n"), done.stderr
    assert "60 of 60 steps" in done.stderr
    page = (tmp_path / "scrub.html").read_text(encoding="utf-8")
    done = nnlab("scrub", made)
    assert done.returncode == 2
    assert done.stderr == "nnlab: scrub.html exists: --force replaces it, or choose another -o\n"
    assert nnlab("scrub", made, "-o", "scrub.html").returncode == 2
    assert (tmp_path / "scrub.html").read_text(encoding="utf-8") == page

    (tmp_path / "b.html").write_text("mine")
    done = nnlab("scrub", made, "-o", "b.html", "--force", "--json")
    told = json.loads(done.stdout)
    assert told == {
        "page": "b.html", "runs": [str(made)], "bytes": (tmp_path / "b.html").stat().st_size
    }  # fmt: skip
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == page.replace("scrub.html", "b.html")


def test_what_cannot_be_shown_is_refused(
    typed: Typed, tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    unfinished = stopped(trained(tmp_path / "a", "cubic", hidden=3, samples=60), tmp_path / "b")
    check = trained(tmp_path / "check", "check", hidden=3)
    for words, said in (
        ([unfinished.path], "is not finished (interrupted); scrub shows finished runs. To finish "),
        ([check.path], "which has no states to show; give a run of cubic or fashion"),
        ([made, made, made], "a page shows one run or two side by side, not 3"),
        ([made, "-o", made / "page.html"], "where only its run writes"),
        (["nothing"], "nothing"),
    ):
        code, _, told = typed("scrub", *map(str, words))
        assert code == 2
        assert said in told
        assert told.count("\n") == 1
        assert not (tmp_path / "scrub.html").exists()


def test_a_long_replay_tells_its_progress_and_stops(tmp_path: Path, made: Path) -> None:
    run = shutil.copytree(made, tmp_path / "run")
    lengthen(run, epochs=9_999_999)
    with subprocess.Popen(
        command("scrub", run, stopped=True), cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr
        assert "of 599,999,940 steps" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGINT, "")
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
