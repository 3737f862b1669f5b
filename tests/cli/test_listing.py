"""`nnlab runs`: filters, sorting, columns; damaged directories; no heavy module."""

import csv
import io
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ENVIRONMENT, Typed

CONFIG = {"hidden": 8, "lr": 0.01, "log_every": "auto", "seed": 0, "gif": False}
CURVE = "step,rmse,seconds\n10,0.5,1.5\n20,0.25,3\n30,0.375,4.5\n"
EPOCHS = (
    "epoch,val_loss,val_accuracy,lr,seconds\n1,0.9,0.8,0.1,5\n2,0.7,0.9,0.1,9\n3,1.1,0.85,0.1,14\n"
)


def make(
    name: str, *, hours: float = 3, curve: str | None = CURVE, config: Any = None, **record: Any
) -> Path:
    """Write a run that began `hours` ago."""
    path = Path("runs", name)
    path.mkdir(parents=True)
    began = datetime.now(UTC) - timedelta(hours=hours)
    whole = {
        "experiment": "cubic", "status": "completed", "command": "nnlab cubic",
        "started": began.isoformat(timespec="seconds"), "config": CONFIG | (config or {}),
        "seconds": 4.75, "summary": {"rmse": 0.375, "step": 30},
    } | record  # fmt: skip
    (path / "run.json").write_text(json.dumps(whole))
    if curve is not None:
        (path / "metrics.csv").write_text(curve)
    return path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def several() -> None:
    make("cubic-0001", hours=5)
    make("cubic-0002", hours=4, config={"lr": 0.002, "log_every": 5}, summary={"rmse": 0.04})
    make("cubic-0010", hours=30, config={"lr": 0.1}, status="diverged", curve=None, summary={})
    make(
        "fashion-0001", hours=2, experiment="fashion", curve=EPOCHS,
        config={"hidden": 128, "filters": [16, {"filters": 32, "pool": 1}], "patience": None},
        summary={"test_accuracy": 0.91, "val_accuracy": 0.9},
    )  # fmt: skip


def names(typed: Typed, *words: str) -> list[str]:
    code, out, fault = typed("runs", "--csv", "--columns", "name", *words)
    assert (code, fault) == (0, "")
    return out.split()[1:]


def rows(typed: Typed, *words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(typed("runs", "--csv", *words)[1])))


@pytest.mark.usefixtures("several")
def test_the_table_shows_what_differs_and_the_headline_metrics(typed: Typed) -> None:
    code, out, fault = typed("runs")
    assert (code, fault) == (0, "")
    header, *lines = out.splitlines()
    assert header.split() == [
        "name", "status", "age", "duration", "lr", "log_every", "test_accuracy",
        "best_val_accuracy", "val_accuracy", "best_rmse", "rmse",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines] == [  # the newest first
        "fashion-0001", "cubic-0002", "cubic-0001", "cubic-0010",
    ]  # fmt: skip
    # The best validation accuracy is the highest, the best RMSE the lowest.
    assert lines[0].split()[2:] == ["2", "h", "4.8", "s", "0.01", "auto", "0.9100", "0.9000",
                                    "0.9000"]  # fmt: skip
    assert lines[2].split()[2:] == ["5", "h", "4.8", "s", "0.01", "auto", "0.25", "0.375"]
    assert lines[3].split()[1:] == ["diverged", "30", "h", "4.8", "s", "0.1", "auto"]


@pytest.mark.usefixtures("several")
def test_without_room_the_keys_that_differ_stay_longer_than_metrics_beside_the_headlines(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnlab.reports.listing.in_terminal", lambda: True)
    header, *_, said = typed("runs")[1].splitlines()
    assert {"name", "status", "lr", "rmse"} <= set(header.split())
    assert "val_accuracy" not in header.split()
    assert said.startswith("left out, for lack of room: --columns name,")
    left = said.split()[-3].removeprefix("name,").split(",")
    assert "best_rmse" in left
    assert not {*left} & set(header.split())
    shown = typed("runs", "--columns", f"name,{','.join(left)}")[1].splitlines()[0]
    assert shown.split() == ["name", *left]


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["experiment=cubic"], ["cubic-0002", "cubic-0001", "cubic-0010"]),
        (["status=diverged"], ["cubic-0010"]),
        (["status!=completed"], ["cubic-0010"]),
        (["lr=1e-2"], ["fashion-0001", "cubic-0001"]),
        (["lr==0.01", "experiment=cubic"], ["cubic-0001"]),
        (["lr<0.01"], ["cubic-0002"]),
        (["lr <= 0.01"], ["fashion-0001", "cubic-0002", "cubic-0001"]),
        (["lr>0.01"], ["cubic-0010"]),
        (["lr>=0.01", "lr!=0.1"], ["fashion-0001", "cubic-0001"]),
        (["log_every=auto"], ["fashion-0001", "cubic-0001", "cubic-0010"]),
        (["log-every>3"], ["cubic-0002"]),  # auto is no number
        (["filters=16,{filters: 32, pool: 1}"], ["fashion-0001"]),
        (["filters=[16, {filters: 32, pool: 1}]"], ["fashion-0001"]),
        (["filters=16, {filters: 32, pool: 1}"], ["fashion-0001"]),
        (["filters!=16, {filters: 32, pool: 1}"], []),
        (["filters!=3"], ["fashion-0001"]),  # the others have no filters
        (["patience=null"], ["fashion-0001"]),
        (["patience!=3", "gif=False"], ["fashion-0001"]),
        (["patience<3"], []),
        (["gif=false", "seed=0", "hidden=8", "rmse<0.1"], ["cubic-0002"]),
        (["test_accuracy>0.9"], ["fashion-0001"]),
        (["best_rmse<0.3"], ["cubic-0002", "cubic-0001"]),
        (["age<4.5h"], ["fashion-0001", "cubic-0002"]),
        (["age>1d"], ["cubic-0010"]),
        (["duration<1min", "name=cubic-0001"], ["cubic-0001"]),
    ],
)
def test_filters(typed: Typed, conditions: list[str], found: list[str]) -> None:
    assert [row["name"] for row in rows(typed, *conditions)] == found


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("rmse", ["cubic-0002", "cubic-0001", "fashion-0001", "cubic-0010"]),  # best first
        ("test_accuracy", ["fashion-0001", "cubic-0002", "cubic-0001", "cubic-0010"]),
        ("lr", ["cubic-0002", "fashion-0001", "cubic-0001", "cubic-0010"]),
        ("log_every", ["cubic-0002", "fashion-0001", "cubic-0001", "cubic-0010"]),
        ("name", ["cubic-0001", "cubic-0002", "cubic-0010", "fashion-0001"]),
        ("age", ["fashion-0001", "cubic-0002", "cubic-0001", "cubic-0010"]),
    ],
)
def test_sorting(typed: Typed, key: str, found: list[str]) -> None:
    assert names(typed, "--sort", key) == found


def test_a_higher_accuracy_and_a_smaller_number_stand_first(typed: Typed) -> None:
    for number, (accuracy, hidden) in enumerate([(0.9, 9), (0.95, 100), (0.85, 20)]):
        make(
            f"f-{number}", experiment="fashion", summary={"test_accuracy": accuracy},
            config={"hidden": hidden}, curve=EPOCHS.replace("0.9,", f"{accuracy},"),
        )  # fmt: skip
    assert names(typed, "--sort", "test_accuracy") == ["f-1", "f-0", "f-2"]
    assert names(typed, "--sort", "best_val_accuracy") == ["f-1", "f-0", "f-2"]
    assert names(typed, "--sort", "hidden") == ["f-0", "f-2", "f-1"]  # 9 < 20 < 100


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["learning_rate=0.1"], "no run has 'learning_rate'; did you mean lr?"),
        (["test_acuracy>0.1"], "no run has 'test_acuracy'; did you mean test_accuracy?"),
        (["zzz=1"], "no run has 'zzz'; `nnlab runs --json` shows all names"),
        (["gif=no"], "'gif=no': gif is true or false, such as gif=true"),
        (["gif!=0"], "'gif!=0': gif is true or false, such as gif=true"),
        (["--sort", "rsme"], "did you mean rmse?"),
        (["--columns", "name,hiden"], "did you mean hidden?"),
        (["rmse"], "'rmse' is not a filter; write one as lr=0.01 or, in quotes, 'test_acc"),
        (["status<3"], None),
        (["status<x"], "'status<x': < needs a number after it"),
        (["--runs-dir", "nowhere"], "nowhere: there is no such folder"),
        (["--json", "--csv"], "--json and --csv exclude each other"),
    ],
)
def test_wrong_words_are_one_message(typed: Typed, words: list[str], said: str | None) -> None:
    code, out, fault = typed("runs", *words)
    if said is None:
        assert (code, out) == (0, "")
        assert fault == "no run meets these conditions; `nnlab runs` lists all\n"
    else:
        assert (code, out) == (2, "")
        assert fault.startswith("nnlab: ")
        assert said in fault
        assert fault.count("\n") == 1


def test_damaged_and_foreign_directories_are_a_row_each(typed: Typed, tmp_path: Path) -> None:
    make("good")
    (tmp_path / "runs/notes").mkdir()
    (tmp_path / "runs/.hidden").mkdir()
    (tmp_path / "runs/file").write_text("x")
    (tmp_path / "runs/loop").symlink_to("loop")
    for name, text in {"torn": '{"exp', "list": "[]", "huge": "[" * 100_000}.items():
        make(name)
        (tmp_path / "runs" / name / "run.json").write_text(text)
    make("bad-time", started="yesterday", seconds="long")
    make("bad-rows", curve="step,rmse\n1,0.5\n2,oops\n")
    (make("no-rows", curve=None) / "metrics.csv").mkdir()
    os.mkfifo(make("pipe", curve=None) / "metrics.csv")
    make("\x1b[31mred")
    code, out, fault = typed("runs", "--sort", "name")
    said = "line 3 of metrics.csv is damaged; what is behind it does not count"
    assert (code, fault.splitlines()) == (0, [
        f"note: runs/bad-rows: {said}",
        "note: runs/no-rows: metrics.csv: Is a directory",
        "note: runs/pipe: metrics.csv: this is a pipe, not a plain file",
    ])  # fmt: skip
    assert "\x1b" not in out
    lines = {line.split()[0]: line.split()[1:] for line in out.splitlines()[1:]}
    assert lines == {
        "good": ["completed", "3", "h", "4.8", "s", "0.25", "0.375"],
        "notes": ["foreign"], "torn": ["damaged"], "list": ["damaged"], "huge": ["damaged"],
        "bad-time": ["completed", "4.5", "s", "0.25", "0.375"],
        "bad-rows": ["completed", "3", "h", "4.8", "s", "0.5", "0.375"],
        "no-rows": ["completed", "3", "h", "4.8", "s", "0.375"],
        "pipe": ["completed", "3", "h", "4.8", "s", "0.375"],
        "\\x1b[31mred": ["completed", "3", "h", "4.8", "s", "0.25", "0.375"],
    }  # fmt: skip
    found = {entry["name"]: entry for entry in json.loads(typed("runs", "--json")[1])}
    assert set(found) == {name.replace("\\x1b", "\x1b") for name in lines}
    assert found["torn"].keys() == {"name", "run_dir", "status", "fault"}
    assert "run.json is damaged" in found["torn"]["fault"]
    assert "no run of nnlab" in found["notes"]["fault"]
    assert found["bad-rows"]["note"] == said
    assert found["good"]["best"] == {"rmse": 0.25}
    assert found["good"]["last"] == {"step": 30, "rmse": 0.375, "seconds": 4.5}
    assert names(typed, "status=damaged") == ["huge", "list", "torn"]


def test_a_run_whose_process_is_dead_was_killed(typed: Typed) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    me = {"pid": os.getpid(), "host": platform.node()}
    dead = me | {"pid": done.pid}
    lost = dict.fromkeys(("seconds", "summary"))
    for name, process in {"alive": me, "dead": dead, "away": dead | {"host": "moon"}}.items():
        path = make(name, status="running", process=process)
        record = json.loads((path / "run.json").read_text())
        (path / "run.json").write_text(json.dumps({k: record[k] for k in record.keys() - lost}))
    found = {row["name"]: row["status"] for row in rows(typed)}
    assert found == {"alive": "running", "dead": "killed", "away": "running"}
    assert names(typed, "status=killed") == ["dead"]
    (dead_row,) = rows(typed, "status=killed")
    assert (dead_row["duration"], dead_row["rmse"]) == ("4.5", "0.375")  # of its last log point


def test_csv_has_all_digits_and_columns_are_chosen(typed: Typed) -> None:
    make("a b", summary={"rmse": 1 / 3}, config={"filters": [16, 32]})
    code, out, fault = typed("runs", "--csv", "--columns", "name,filters,rmse,status,seed")
    assert (code, fault) == (0, "")
    assert out == f'name,filters,rmse,status,seed\na b,"16,32",{1 / 3!r},completed,0\n'


def test_a_run_of_an_older_version_is_listed(typed: Typed) -> None:
    old = Path(__file__).parents[1] / "runs/data"
    found = {row["name"]: row for row in rows(typed, "--runs-dir", str(old))}
    assert found["cubic-0.2.0"]["status"] == "interrupted"
    (entry,) = json.loads(typed("runs", "--json", "--runs-dir", str(old), "experiment=cubic")[1])
    assert entry["config"]["lr"] == 0.01  # from config.yaml


def test_no_runs(typed: Typed) -> None:
    said = "there are no runs in runs; to make one: nnlab cubic\n"
    assert typed("runs") == (0, "", said)
    assert typed("runs", "--json") == (0, "[]\n", "")


def test_the_list_loads_nothing_heavy(tmp_path: Path) -> None:
    make("cubic-0001")
    code = """
import sys
from nnlab.cli.app import main
try:
    main()
except SystemExit:
    heavy = ("numpy", "tensorflow", "keras", "matplotlib", "rich", "scipy")
    print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "runs"], cwd=tmp_path, env=ENVIRONMENT, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert "cubic-0001" in done.stdout
    assert done.stdout.endswith("[]\n")


def test_an_empty_folder_names_the_runs_of_sweeps(typed: Typed) -> None:
    Path("sweeps/cubic-0001").mkdir(parents=True)
    Path("sweeps/cubic-0001/sweep.json").touch()
    code, out, fault = typed("runs")
    assert (code, out) == (0, "")
    assert (
        "sweeps and studies keep their own: nnlab runs --runs-dir sweeps/cubic-0001/runs" in fault
    )
