"""`nnlab show`: the result first, what to do next, sources, environment, files; damaged runs."""

import json
import os
import platform
import pty
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from typer.main import get_command

from nnlab.cli.app import app
from nnlab.runs.verdict import STEPS_TOO_LARGE
from tests.conftest import ENVIRONMENT, Typed, command, rows

OLD = Path(__file__).parents[1] / "runs/data"
KEYS = ["--samples", "2000", "--hidden", "8", "--no-gif"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two finished runs and one that diverged."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "my.yaml").write_text("lr: 0.02\n")
    for more in (["--seed", "1"], ["-c", "my.yaml"], ["--lr", "1e300"]):
        subprocess.run(
            command("cubic", *KEYS, *more), cwd=folder, env=ENVIRONMENT, check=False,
            capture_output=True,
        )  # fmt: skip
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which the test works."""
    shutil.copytree(made, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def section(page: str, title: str) -> list[str]:
    """Return the lines of a section."""
    after = page.partition(f"\n\n{title}")[2].partition("\n")[2]
    return after.partition("\n\n")[0].splitlines()


def test_a_finished_run(typed: Typed, folder: Path) -> None:
    code, page, fault = typed("show", "cubic-0002")
    assert (code, fault) == (0, "")
    table = rows(folder / "runs/cubic-0002")
    values = [float(row["rmse"]) for row in table]
    best = table[values.index(min(values))]
    step = f"{int(best['step']):,}"
    first, verdict = page.splitlines()[:2]
    assert first == (
        f"runs/cubic-0002: rmse {values[-1]:.4g} (best {min(values):.4g} at step {step}), completed"
    )
    assert verdict == json.loads((folder / "runs/cubic-0002/run.json").read_text())["verdict"]
    assert [line.partition("  ")[2].strip() for line in section(page, "What to do next")] == [
        "nnlab predict runs/cubic-0002 -1.5 0.5",
        "nnlab compare runs/cubic-0002 runs/cubic-0001",
        "nnlab report runs/cubic-0002",
        "nnlab resume runs/cubic-0002 --epochs 2",
        "nnlab cubic --config runs/cubic-0002/config.yaml",
    ]
    sources = {line.split()[0]: line.split()[1:] for line in section(page, "Config")}
    assert sources["lr"] == ["0.02", "my.yaml:1"]
    assert sources["hidden"] == ["8", "--hidden"]
    assert sources["gif"] == ["false", "--no-gif"]
    assert sources["seed"] == ["0", "default"]
    environment = "\n".join(section(page, "Environment"))
    for said in ("nnlab cubic --samples 2000", f"python {platform.python_version()}", "device"):
        assert said in environment
    run = folder / "runs/cubic-0002"
    files = sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())
    assert {"model.npz", "plots/fit.png", "run.json"} < set(files)
    listed = [line.split()[0] for line in section(page, "Files")]
    assert listed == [name for name in files if not name.startswith(".")]


def test_in_a_pipe_the_curve_is_plain(typed: Typed, folder: Path) -> None:
    page = typed("show", str(folder / "runs/cubic-0001"))[1]
    curve = section(page, "rmse (y) over gradient steps")
    assert len(curve) == 16
    assert all(line.isascii() and line.isprintable() and len(line) <= 80 for line in curve)
    assert curve[-1].split() == ["40", "gradient", "steps", "2,000"]


def test_a_curve_of_wide_range_is_logarithmic(typed: Typed, folder: Path) -> None:
    table = "step,rmse\n" + "".join(f"{n},{10.0 ** (1 - n)!r}\n" for n in range(1, 6))
    (folder / "runs/cubic-0001/metrics.csv").write_text(table)
    page = typed("show", "cubic-0001")[1]
    curve = section(page, "rmse (y) over gradient steps, logarithmic")
    assert curve[0].split()[0] == "1"
    rises = [line.rindex("*") for line in curve if "*" in line]
    assert rises == sorted(rises)
    assert max(b - a for a, b in pairwise(rises)) < 9  # a straight line


def test_in_a_terminal_it_has_a_fine_curve_and_bold_headings(folder: Path) -> None:
    mine, theirs = pty.openpty()
    environment = {k: v for k, v in ENVIRONMENT.items() if k != "NO_COLOR"} | {
        "TERM": "xterm", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    with subprocess.Popen(
        command("show", "cubic-0001"), cwd=folder, env=environment, stdin=theirs, stdout=theirs,
        stderr=theirs,
    ):  # fmt: skip
        os.close(theirs)
        said = b""
        try:
            while part := os.read(mine, 65536):
                said += part
        except OSError:  # the process has ended
            pass
    os.close(mine)
    page = said.decode().replace("\r", "")
    assert "\x1b[1mWhat to do next" in page
    assert re.search(r"┤[⠀-⣿]", page)
    assert "nnlab predict runs/cubic-0001 -1.5 0.5\n" in page


def test_json_holds_all_of_run_json_and_more(typed: Typed, folder: Path) -> None:
    code, out, fault = typed("show", "last:cubic", "--json")
    assert (code, fault) == (0, "")
    found = json.loads(out)
    record = json.loads((folder / "runs/cubic-0003/run.json").read_text())
    assert found["run_dir"] == "runs/cubic-0003"
    assert {key: found[key] for key in record} == record
    assert found["status"] == "diverged"
    assert found["sources"]["lr"] == "--lr"
    other = json.loads(typed("show", "cubic-0001", "--json")[1])
    values = [float(row["rmse"]) for row in rows(folder / "runs/cubic-0001")]
    assert other["best"]["rmse"]["value"] == min(values)
    assert other["best"]["rmse"]["step"] == 40 * (values.index(min(values)) + 1)
    assert other["last"]["rmse"] == values[-1]
    path = folder / "runs/cubic-0001/model.npz"
    assert other["files"]["model.npz"] == path.stat().st_size


def test_every_step_that_is_advised_can_be_typed(typed: Typed, folder: Path) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    record = json.loads((folder / "runs/cubic-0001/run.json").read_text())
    for status in ("completed", "interrupted", "failed", "diverged"):
        (folder / "runs/cubic-0001/run.json").write_text(json.dumps(record | {"status": status}))
        steps = json.loads(typed("show", "cubic-0001", "--json")[1])["next"]
        assert steps
        for step in map(shlex.split, steps):
            assert step[0] == "nnlab"
            assert step[1] in known
            if step[1] == "predict":
                assert typed(*step[1:])[0] == 0
        if status == "diverged":
            assert steps == ["nnlab cubic --config runs/cubic-0001/config.yaml --lr 0.001"]
        elif status != "completed":
            assert steps[0] == "nnlab resume runs/cubic-0001"


@pytest.mark.parametrize(("lr", "next_lr"), [(1000, "0.01"), (0.02, "0.01"), (0.01, "0.001")])
def test_steps_that_were_too_large_are_advised_to_be_the_default_or_a_tenth(
    typed: Typed, folder: Path, lr: float, next_lr: str
) -> None:
    """A run that did not diverge, but whose verdict names the learning rate, is advised so, too."""
    run = folder / "runs/cubic-0001"
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(re.sub(r"(?m)^lr: .*$", f"lr: {lr}", config))
    record = json.loads((run / "run.json").read_text())
    line = f"not learned, because {STEPS_TOO_LARGE} (lr {lr})"
    (run / "run.json").write_text(json.dumps(record | {"verdict": line}))
    steps = json.loads(typed("show", "cubic-0001", "--json")[1])["next"]
    assert steps == [f"nnlab cubic --config runs/cubic-0001/config.yaml --lr {next_lr}"]


def test_a_killed_run_can_go_on(typed: Typed, folder: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    path = folder / "runs/cubic-0001/run.json"
    record = json.loads(path.read_text())
    record |= {"status": "running", "process": {"pid": done.pid, "host": platform.node()}}
    del record["summary"], record["verdict"]
    path.write_text(json.dumps(record))
    page = typed("show", "cubic-0001")[1]
    last = float(rows(folder / "runs/cubic-0001")[-1]["rmse"])
    assert page.splitlines()[0].startswith(f"runs/cubic-0001: rmse {last:.4g} (best ")
    assert page.splitlines()[0].endswith(", killed")
    assert "its process has ended" in page
    assert "nnlab resume runs/cubic-0001\n" in page


@pytest.mark.usefixtures("folder")
def test_a_resume_keeps_the_source_of_each_value(typed: Typed) -> None:
    assert typed("resume", "cubic-0002", "--epochs", "2", "--quiet")[0] == 0
    sources = json.loads(typed("show", "cubic-0002", "--json")[1])["sources"]
    assert (sources["lr"], sources["hidden"], sources["seed"], sources["epochs"]) == (
        "my.yaml:1", "--hidden", "default", "--epochs, on resume",
    )  # fmt: skip


def test_runs_of_older_versions(typed: Typed) -> None:
    code, page, _ = typed("show", str(OLD / "fashion-0.2.0"))
    assert code == 0
    assert "val_accuracy" in page
    assert typed("show", str(OLD / "cubic-0.2.0"))[0] == 0


@pytest.mark.parametrize(
    ("break_it", "note"),
    [
        (lambda run: (run / "config.yaml").write_text("lr: ["), "not valid YAML"),
        (lambda run: (run / "config.yaml").unlink(), "cannot read this config"),
        (lambda run: [(run / "metrics.csv").unlink(), (run / "metrics.csv").mkdir()],
         "Is a directory"),
        (lambda run: (run / "metrics.csv").write_bytes(b"\xff\n"), None),
        (lambda run: (run / "metrics.csv").write_text("step,rmse\n1,3\n2,oops\n3,2\n"),
         "line 3 of metrics.csv is damaged; only the log points before it are shown"),
    ],
)  # fmt: skip
def test_a_damaged_file_beside_run_json_is_a_note(
    typed: Typed, folder: Path, break_it: object, note: str | None
) -> None:
    break_it(folder / "runs/cubic-0001")  # type: ignore[operator]
    code, page, fault = typed("show", "cubic-0001")
    assert (code, fault) == (0, "")
    assert note is None or note in page
    assert "hidden" in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("torn", "torn/run.json is damaged, or not from nnlab"),
        ("nothing", "no such run directory; near it: runs/cubic-0001"),
        ("xcubic-0002", "no such run directory; near it: runs/cubic-0002, runs/cubic-000"),
        ("cubic", "is the start of several runs"),
        ("other", "this nnlab has no experiment 'chess'"),
    ],
)
def test_a_run_that_cannot_be_shown_is_one_message(
    typed: Typed, folder: Path, name: str, said: str
) -> None:
    shutil.copytree(folder / "runs/cubic-0001", folder / "runs/torn")
    (folder / "runs/torn/run.json").write_text("{")
    shutil.copytree(folder / "runs/cubic-0001", folder / "runs/other")
    text = (folder / "runs/other/run.json").read_text()
    (folder / "runs/other/run.json").write_text(text.replace('"cubic"', '"chess"', 1))
    code, out, fault = typed("show", name)
    assert (code, out) == (2, "")
    assert said in fault
    assert fault.count("\n") == 1


def test_hostile_names_and_values_stay_text(typed: Typed, folder: Path) -> None:
    path = folder / "runs/\x1b[31mred"
    shutil.copytree(folder / "runs/cubic-0001", path)
    record = json.loads((path / "run.json").read_text())
    record |= {"verdict": "\x1b[2J", "command": "\x1b]0;x\x07", "status": "failed", "error": "\x1b"}
    (path / "run.json").write_text(json.dumps(record))
    (path / "plots/\x1b[1m.png").touch()
    config = (path / "config.yaml").read_text().replace("# default", "# \u202e")
    (path / "config.yaml").write_text(config)
    code, page, _ = typed("show", str(path))
    assert code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", page)
