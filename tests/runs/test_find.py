import json
import os
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.runs.find import find_run


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of three runs, of which the first was resumed last."""
    monkeypatch.chdir(tmp_path)
    for seconds, name in ((30, "cubic-0001"), (10, "cubic-0002"), (20, "fashion-0001")):
        run = Path("runs", name)
        run.mkdir(parents=True)
        experiment = name.split("-")[0]
        record = {"experiment": experiment, "status": "completed", "command": "nnlab"}
        (run / "run.json").write_text(json.dumps(record))
        os.utime(run / "run.json", (seconds, seconds))
    return Path("runs")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cubic-0002", "cubic-0002"),
        ("runs/cubic-0002", "cubic-0002"),
        ("runs/cubic-0002/", "cubic-0002"),
        ("runs/cubic-0002/run.json", "cubic-0002"),
        ("fash", "fashion-0001"),
        ("runs/fash", "fashion-0001"),
        ("last", "cubic-0001"),
        ("last:fashion", "fashion-0001"),
        ("last:cubic", "cubic-0001"),
    ],
)
def test_a_run_by_path_name_prefix_or_last(runs: Path, text: str, name: str) -> None:
    assert find_run(text) == runs / name
    assert find_run(str(runs.absolute() / name)) == runs.absolute() / name


def test_a_whole_name_wins_over_the_start_of_another(runs: Path) -> None:
    (runs / "cubic-0002").rename(runs / "cubic-00010")
    assert find_run("cubic-0001") == runs / "cubic-0001"


def test_the_start_of_several_names(runs: Path) -> None:
    with pytest.raises(UsageError, match=r"several runs: runs/cubic-0001, runs/cubic-0002"):
        find_run("cub")
    assert runs


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("text", ["nothing", "runs/nothing", "\0", "x" * 5000, "a/b/c"])
def test_no_such_run_is_a_path(text: str) -> None:
    assert find_run(text) == Path(text)


@pytest.mark.parametrize("text", ["", " "])
def test_no_text_asks_for_a_run(text: str) -> None:
    with pytest.raises(UsageError, match="give a run"):
        find_run(text)


def test_last_of_nothing(runs: Path) -> None:
    with pytest.raises(UsageError, match="no run of check in runs"):
        find_run("last:check")
    (runs / "cubic-0001/run.json").write_text("damaged")
    assert find_run("last:cubic") == runs / "cubic-0002"
    assert find_run("last") == runs / "cubic-0001"


@pytest.mark.parametrize("kind", ["sweep", "study"])
def test_the_directory_of_many_runs_names_its_own_command(runs: Path, kind: str) -> None:
    many = runs.parent / "many/x"
    many.mkdir(parents=True)
    (many / f"{kind}.json").touch()
    with pytest.raises(UsageError, match=f"is a {kind}: nnlab {kind} show many/x; .* many/x/runs"):
        find_run("many/x")
