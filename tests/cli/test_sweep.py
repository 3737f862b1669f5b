"""`nnlab sweep` as its users type it: bad input, completion, what it prints, what it leaves."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnlab.sweep.asked import Asked, planned
from tests.conftest import ENVIRONMENT, Nnlab, Typed, command

CONFIGS = Path(__file__).parents[2] / "configs"
SMALL = ("samples=200", "hidden=4", "gif=false")  # of `nnlab sweep cubic`: some ms a run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the test works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_help_loads_neither_optuna_nor_ray_nor_numpy() -> None:
    code = (
        "import sys; sys.argv = ['nnlab', 'sweep', '--help']\n"
        "from contextlib import suppress\n"
        "from nnlab.cli.app import main\n"
        "with suppress(SystemExit): main()\n"
        "print([m for m in ('optuna', 'ray', 'numpy', 'matplotlib', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, text=True, capture_output=True, check=True
    )
    assert done.stdout.startswith("Usage: nnlab sweep")
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cubic", "the space is empty: no key has several values"),
        ("cubic lr=0.1", "the space is empty"),
        ("cubic lr", "lr: this item has no ="),
        ("cubic =0.1", "names no key"),
        ("cubic lr=0.1,0.2 lr=0.3,0.4", "lr is given twice"),
        ("cubic lrr=0.1,0.2", "lr"),
        ("cubic lr=0.1..0.01", "lr=0.1..0.01"),
        ("cubic lr=0..0.1:log", "lr=0..0.1:log"),
        ("cubic lr=-1..0.1", "lr=-1..0.1"),
        ("cubic hidden=a,b", "hidden=a,b"),
        ("cubic hidden=1.5..3.5", "hidden=1.5..3.5"),
        ("cubic lr=0.1..0.2:lin", "lr=0.1..0.2:lin"),
        ("cubic seed=1,2", "--seeds"),
        ("resume last", "there is no sweep in sweeps yet"),
        ("show nosuch", "nosuch is no directory of a sweep: it has no sweep.json; name one such"),
        ("show cubic-0001", "cubic-0001 is no directory of a sweep: it has no sweep.json\n"),
        ("cubic --trials abc", "invalid value for '--trials': it should be a whole number; for"),
        ("list cubic-0001", "list takes no sweep; to show one: nnlab sweep show cubic-0001"),
        ("list --csv", "list takes only --json: leave out --csv"),
        ("cubic lr=0.1,0.2 --metric accuracy", "nnlab cubic has no metric 'accuracy'"),
        ("cubic lr=0.1,0.2 --metric seconds", "seconds is of the clock"),
        ("cubic lr=0.1,0.2 --metric step", "add --direction minimize or --direction maximize"),
        ("cubic lr=0.1,0.2,0.3 hidden=4,8 --trials 5", "the grid has 6 settings, more than"),
        ("cubic lr=0.1..0.2 --search grid", "a grid has no range"),
        ("cubic lr=0.1,0.2 --race", "a race needs --seeds 4 or more"),
        ("cubic lr=0.1,0.2 --seeds 0", "--seeds"),
        ("cubic lr=0.1,0.2 --trials 0", "--trials"),
        ("cubic lr=0.1,0.2 --seed -1", "--seed"),
        ("cubic lr=0.1,0.2 --reruns -1", "--reruns"),
        ("cubic lr=0.1,0.2 --search bayes", "'bayes' is not one of 'grid', 'random', 'tpe'"),
        ("cubic lr=0.1,0.2 --config none.yaml", "none.yaml"),
        ("cubic lr=0.1,0.2 --base none.yaml", "none.yaml"),
        ("cubic lr=0.1,0.2 --preset none", "there is no preset 'none'"),
        ("cubic lr=0.1,0.2 --jobs 0", "--jobs 0: it takes 1 to 1,024 workers"),
        ("cubic lr=0.1,0.2 --jobs -1 --dry-run", "--jobs -1: it takes 1 to 1,024 workers"),
        ("cubic lr=0.1,0.2 --ray nonsense --dry-run", "--ray nonsense: it takes auto, local"),
        ("cubic lr=0.1,0.2 --time-budget 0", "give a time above 0, such as 90s, 10m or 1.5h"),
        ("cubic lr=0.1,0.2 --time-budget 10d", "give a time above 0"),
        ("cubic lr=0.1,0.2 --csv", "--csv is for show"),
        ("cubic lr=0.1,0.2 --name a/b", "--name"),
        ("cubic lr=0.1,0.2 --name ..", "--name"),
        ("check hidden=4,8", "nnlab check has nothing to search; sweep cubic or fashion"),
        ("cubik lr=0.1,0.2", "did you mean cubic?"),
        ("resume", "name one sweep, such as: nnlab sweep resume last"),
        ("show a b", "name one sweep"),
        ("show nowhere", "nowhere is no directory of a sweep"),
        ("resume last lr=0.1,0.2", "resume takes a sweep as it is: leave out lr=0.1,0.2"),
        ("resume last --seeds 3 --race", "leave out --seeds, --race"),
        ("show last --jobs 2", "leave out --jobs"),
        ("show last --json --csv", "--json and --csv contradict each other"),
    ],
)  # fmt: skip
def test_bad_input_is_one_message_and_leaves_nothing(
    typed: Typed, folder: Path, line: str, said: str
) -> None:
    code, out, fault = typed("sweep", *shlex.split(line))
    assert (code, out) == (2, "")
    assert said in fault
    assert fault.count("nnlab: ") == 1
    assert "a bug in nnlab" not in fault
    assert list(folder.iterdir()) == []


def test_a_missing_optuna_is_named(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, _, fault = typed("sweep", "cubic", "lr=0.01..0.1")
    assert code == 2
    assert "optuna" in fault
    assert "nnlab-bench[sweep]" in fault
    assert "--search random" in fault


@pytest.mark.parametrize("name", ["cubic", "fashion"])
def test_a_shipped_space_begins_with_its_command_and_its_result(name: str) -> None:
    file = CONFIGS / f"sweep-{name}.yaml"
    command, question, measured, *_ = file.read_text().splitlines()
    assert command == f"# nnlab sweep {name} --config {file.stem}"
    assert question.endswith("?")
    assert re.match(r"# Measured: .*\d", measured)
    plan, notes = planned(Asked(name, file=file))
    assert (plan.search, notes) == ("tpe", [])


@pytest.mark.parametrize("file", ["sweep-cubic", "sweep-cubic.yaml", "configs/sweep-cubic.yaml"])
def test_a_shipped_space_is_found_in_any_folder(typed: Typed, file: str) -> None:
    code, _, fault = typed("sweep", "fashion", "--config", file)
    assert code == 2
    assert "this is a sweep of cubic, not of fashion; give the file to nnlab sweep cubic" in fault
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text("space: {lr: [1, 2]}\nmetric: none\n")
    assert f"{file}:2: nnlab cubic has no metric" in typed("sweep", "cubic", "--config", file)[2]


TAB = [
    ("nnlab sweep ", ["cubic", "fashion", "list", "resume", "show"]),
    ("nnlab sweep c", ["cubic"]),
    ("nnlab sweep cubic lr", ["lr="]),
    ("nnlab sweep cubic lr=0.1 l", ["log_every="]),
    ("nnlab sweep fashion optimizer=ad", ["optimizer=adam", "optimizer=adamw"]),
    ("nnlab sweep fashion optimizer=adam,s", ["optimizer=adam,sgd"]),
    ("nnlab sweep resume ", ["last", "cubic-0001", "sweeps/cubic-0001"]),
    ("nnlab sweep show cu", ["cubic-0001"]),
    ("nnlab sweep show last ", []),
    ("nnlab sweep cubic --metric ", ["rmse", "max_error", "loss"]),
    ("nnlab sweep fashion --preset f", ["fast"]),
    ("nnlab sweep cubic --config s", ["sweep-cubic", "sweep-fashion", "sweeps/"]),
    ("nnlab sweep cubic --search ", ["grid", "random", "tpe"]),
]


@pytest.mark.parametrize(("line", "offered"), TAB)
def test_tab_offers(
    typed: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, offered: list[str]
) -> None:
    (folder / "sweeps/cubic-0001").mkdir(parents=True)
    (folder / "sweeps/cubic-0001/sweep.json").write_text("never read")
    words = line.split(" ")
    monkeypatch.setenv("_NNLAB_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    code, out, fault = typed()
    assert (code, fault) == (0, "")
    assert out.split() == offered


@pytest.mark.slow
def test_a_sweep_prints_its_best_and_is_shown_again(
    nnlab: Nnlab, typed: Typed, folder: Path
) -> None:
    done = nnlab("sweep", "cubic", "lr=0.01,0.02", *SMALL, "--jobs", "1", "--reruns", "2")
    assert done.returncode == 0, done.stderr
    directory = folder / "sweeps/cubic-0001"
    runs = {path.name for path in (directory / "runs").iterdir()}
    assert runs >= {"t0000_s0", "t0001_s0"}
    assert len(runs) == 4
    assert "sweep directory: sweeps/cubic-0001" in done.stderr
    assert "sweep: 2 of 2 trials" in done.stderr
    assert "rmse" in done.stdout
    assert typed("sweep", "show", "last") == (0, done.stdout, "")
    csv = typed("sweep", "show", "cubic-0001", "--csv")[1]
    assert csv == (directory / "trials.csv").read_text()
    (directory / "trials.csv").unlink()
    (directory / "sweep.json").touch()  # as if the sweep had gone on, and was killed
    told = json.loads(typed("sweep", "show", "last", "--json")[1])
    assert (directory / "trials.csv").read_text() == csv
    assert told["directory"] == "sweeps/cubic-0001"
    for name in (".lock", "trials.csv"):
        (directory / name).unlink(missing_ok=True)
        (directory / name).mkdir()  # so it cannot be written
        (directory / "sweep.json").touch()
        code, out, fault = typed("sweep", "show", "last")
        assert (code, fault.count("\n")) == (0, 1)
        assert f"is not up to date: sweeps/cubic-0001/{name}: " in fault
        assert done.stdout.startswith(out.partition("page: ")[0])
        (directory / name).rmdir()
    (directory.parent / "broken").mkdir()
    (directory.parent / "broken/sweep.json").write_text("{")
    code, out, fault = typed("sweep", "list")
    assert code == 0
    broken, ours = (line.split() for line in out.splitlines()[1:])
    assert broken == ["broken", "damaged"]
    assert ours[:5] == ["cubic-0001", "cubic", "completed", "2/2", "rmse"]
    assert (ours[6][:3], ours[7]) == ("lr=", "-")
    assert "sweep.json is damaged" in fault
    (best,) = [each["best"] for each in json.loads(typed("sweep", "list", "--json")[1])[1:]]
    assert best["value"] == told["best"]["value"]
    (directory.parent / "broken/sweep.json").unlink()
    assert typed("sweep", "resume", "last", "--quiet", "-j", "1")[:2] == (0, "sweeps/cubic-0001\n")
    again = typed("sweep", "resume", "last", "-j", "1")
    said = "sweep directory: sweeps/cubic-0001\nnothing is left to do\n"
    assert again == (0, done.stdout, said)
    assert {path.name for path in (directory / "runs").iterdir()} == runs
    code, out, fault = typed("sweep", "cubic", "lr=0.01,0.02", "--name", "cubic-0001")
    assert (code, out) == (2, "")
    assert "never overwrites a sweep" in fault


def test_what_diverged_is_said_and_the_rest_is_done(typed: Typed) -> None:
    words = ("sweep", "cubic", "lr=0.02,1000", *SMALL, "--reruns", "0", "--json", "-q", "-j", "1")
    code, out, fault = typed(*words)
    assert code == 1
    assert [trial["state"] for trial in json.loads(out)["trials"]] == ["complete", "diverged"]
    assert fault == "nnlab: trial 1 diverged; the reasons: nnlab sweep show sweeps/cubic-0001\n"


def test_ctrl_c_says_how_to_go_on_and_show_works_before(typed: Typed, folder: Path) -> None:
    words = ("sweep", "cubic", "lr=0.01,0.02", "hidden=4", "samples=3000000", "--reruns", "0")
    process = subprocess.Popen(
        command(*words, "-j", "1", stopped=True), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env=ENVIRONMENT, text=True, cwd=folder,
    )  # fmt: skip
    metrics = folder / "sweeps/cubic-0001/runs/t0000_s0/metrics.csv"
    last = time.monotonic() + 60
    while not (metrics.exists() and metrics.stat().st_size):
        assert time.monotonic() < last
        time.sleep(0.05)
    code, out, fault = typed("sweep", "show", "last")
    assert (code, fault.count("\n")) == (0, 1)
    assert "is working on this sweep" in fault
    assert "2 trials: 1 waiting, 1 unfinished\n" in out
    os.kill(process.pid, signal.SIGINT)
    out, fault = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGINT, "")
    assert fault.endswith(
        "nnlab: interrupted by Ctrl-C\nto go on: nnlab sweep resume sweeps/cubic-0001\n"
    )
    assert json.loads((folder / "sweeps/cubic-0001/sweep.json").read_text())["status"] == (
        "interrupted"
    )


@pytest.mark.slow
def test_the_time_budget_leaves_the_rest_for_resume(typed: Typed, folder: Path) -> None:
    words = ("sweep", "cubic", "lr=0.01,0.02,0.03", *SMALL, "-j", "1", "--reruns", "0")
    code, out, fault = typed(*words, "--time-budget", "0.000001")
    assert code == 0, fault
    directory = folder / "sweeps/cubic-0001"
    assert list((directory / "runs").iterdir()) == []
    assert "starting 1 worker\nno run begins after 1e-06 s\n" in fault
    assert "the time of --time-budget was over before all runs had begun\n" in fault
    assert "to go on: nnlab sweep resume sweeps/cubic-0001\n" in out
    assert json.loads((directory / "sweep.json").read_text())["status"] == "interrupted"
    assert typed("sweep", "resume", "last", "-j", "1")[0] == 0
    assert len(list((directory / "runs").iterdir())) == 3
