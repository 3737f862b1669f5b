"""`nnlab scrub`: what it writes, and what it refuses."""

import html
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from nnlab.errors import DivergedError
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Typed, command
from tests.runs.trained import bare, lengthen, stopped


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run of cubic."""
    keys = {"hidden": 3, "samples": 20}
    return bare(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **keys).path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("here")
def test_a_page_is_written_once(typed: Typed, tmp_path: Path, made: Path) -> None:
    assert typed("scrub", str(made)) == (0, "wrote scrub.html\n", "")
    page = (tmp_path / "scrub.html").read_text(encoding="utf-8")
    assert "over all 20 training points." in page
    code, _, said = typed("scrub", str(made))
    assert code == 2
    assert said == "nnlab: scrub.html exists: --force replaces it, or choose another -o\n"
    assert typed("scrub", str(made), "-o", "scrub.html")[0] == 2
    assert (tmp_path / "scrub.html").read_text(encoding="utf-8") == page

    (tmp_path / "b.html").write_text("mine")
    code, out, _ = typed("scrub", str(made), "-o", "b.html", "--force", "--json")
    assert json.loads(out) == {
        "page": "b.html", "runs": [str(made)], "bytes": (tmp_path / "b.html").stat().st_size
    }  # fmt: skip
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == page.replace("scrub.html", "b.html")


@pytest.mark.usefixtures("here")
def test_what_cannot_be_shown_is_refused(typed: Typed, tmp_path: Path, made: Path) -> None:
    unfinished = stopped(SavedRun(made), tmp_path / "b")
    diverged = tmp_path / "diverged"
    with pytest.raises(DivergedError):
        bare(diverged, "cubic", hidden=3, samples=20, lr=1e300)
    check = shutil.copytree(made, tmp_path / "check")
    record = {**SavedRun(made).record, "experiment": "check"}
    (check / "run.json").write_text(json.dumps(record), encoding="utf-8")
    for words, said in (
        ([unfinished.path], "b is not finished (interrupted), and scrub shows finished runs; to"),
        ([unfinished.path], "to finish it: nnlab resume "),
        ([diverged], "diverged at step 1, and scrub shows finished runs: train it with a smaller"),
        ([check], "which has no states to show; give a run of cubic or fashion"),
        ([made, made, made], "a page shows one run or two side by side, not 3"),
        ([made, "-o", made / "page.html"], "where only its run writes"),
        (["nothing"], "nothing"),
    ):
        code, _, told = typed("scrub", *map(str, words))
        assert code == 2
        assert said in told
        assert told.count("\n") == 1
        assert not (tmp_path / "scrub.html").exists()


@pytest.mark.usefixtures("here")
def test_two_runs_each_have_their_notes_and_differences(
    typed: Typed, tmp_path: Path, made: Path
) -> None:
    other = bare(tmp_path / "other", "cubic", hidden=3, samples=501, shuffle=False)
    assert typed("scrub", str(made), str(other.path))[0] == 0
    page = (tmp_path / "scrub.html").read_text(encoding="utf-8")
    one, two = page[page.index('<section aria-label="cubic-0001">') :].split(
        '<section aria-label="other">'
    )
    assert "shuffle: true" in one
    assert "shuffle: false" in two
    assert "over all 20 training points." in one
    assert "over 500 of the 501 training points." in two


@pytest.mark.usefixtures("here")
def test_another_end_is_explained(typed: Typed, tmp_path: Path, made: Path) -> None:
    run = shutil.copytree(made, tmp_path / "run")
    weights = SavedRun(run).weights()
    weights["W2"][0, 0] = np.nextafter(weights["W2"][0, 0], 2)
    with (run / "model.npz").open("wb") as file:
        np.savez(file, allow_pickle=False, **weights)
    for numpy, why in ((None, "was changed after the run"), ("1.0", "numpy: 1.0 in the run")):
        if numpy:
            record = SavedRun(run).json("run.json") or {}
            record["versions"]["numpy"] = numpy
            (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
        code, _, said = typed("scrub", str(run), "--force")
        assert code == 0
        page = html.unescape((tmp_path / "scrub.html").read_text(encoding="utf-8"))
        for text in (said, page):
            assert "did not end at model.npz to the bit; " in text
            assert why in text


def test_ctrl_c_stops_a_long_replay(tmp_path: Path, made: Path) -> None:
    run = shutil.copytree(made, tmp_path / "run")
    lengthen(run, epochs=9_999_999)
    with subprocess.Popen(
        command("scrub", run, stopped=True), cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        time.sleep(2)  # until it trains; a pipe shows no progress
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGINT, "")
    assert told == "nnlab: stopped; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
