"""What a person sees, in a pipe and in a terminal."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nnlab.console.view import Lines
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, command

QUICK = ("cubic", "--hidden", 5, "--samples", 400, "--log-every", 100, "--no-gif")
CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def test_in_a_pipe_one_plain_line_a_log_point(nnlab: Nnlab) -> None:
    done = nnlab(*QUICK)
    assert not CONTROL.search(done.stdout + done.stderr)
    steps = [line for line in done.stderr.splitlines() if line.startswith("step ")]
    assert [line.split()[1] for line in steps] == ["100", "200", "300", "400"]
    *_, where, again = done.stdout.splitlines()
    assert where.startswith("run directory: runs/cubic-0001")
    assert again == "run it again:  nnlab cubic --config runs/cubic-0001/config.yaml"


def test_quiet_leaves_the_directory_alone_on_stdout(nnlab: Nnlab) -> None:
    done = nnlab(*QUICK, "--quiet")
    assert (done.stdout, done.stderr) == ("runs/cubic-0001\n", "")


def test_json_is_one_object_on_stdout(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*QUICK, "--json")
    result = json.loads(done.stdout)
    assert result["run_dir"] == "runs/cubic-0001"
    assert result["status"] == "completed"
    assert result["config"]["batch_size"] == 1
    assert result["config"]["gif"] is False
    assert next(iter(result["summary"])) == "rmse"  # the headline
    assert result.items() >= SavedRun(tmp_path / "runs/cubic-0001").record.items()
    assert "step 400" in done.stderr


def in_terminal(tmp_path: Path, *arguments: object, **variables: str) -> tuple[int, str]:
    """Run nnlab with a terminal for its stderr; return its exit code and what was shown."""
    return watched(command(*arguments), tmp_path, **variables)


def watched(words: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """Run a command with a terminal for its stderr; return its exit code and what was shown."""
    ours, theirs = pty.openpty()
    environment = ENVIRONMENT | {"TERM": "xterm-256color"} | variables
    with subprocess.Popen(
        words, cwd=folder, env=environment, stderr=theirs, stdout=subprocess.PIPE
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    return process.returncode, shown.decode()


def test_in_a_terminal_a_live_table(tmp_path: Path) -> None:
    code, shown = in_terminal(tmp_path, *QUICK)
    assert code == 0
    assert "\x1b[" in shown
    assert "max error" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0  # the cursor is given back


@pytest.mark.parametrize("columns", [40, 62])
def test_an_echoed_ctrl_c_does_not_wrap(tmp_path: Path, columns: int) -> None:
    """Else the next drawing begins a line too low, and leaves the table's header behind."""
    _, shown = in_terminal(tmp_path, *QUICK, COLUMNS=str(columns))
    *drawn, _ = shown.split("run it again")[0].split("\x1b[?25h")[0].split("\x1b[2K")
    bars = [CONTROL_SEQUENCE.sub("", part).rstrip("\r\n") for part in drawn]
    bars = [line for part in bars for line in part.splitlines() if "\u2501" in line]
    assert bars
    assert all(len(line) <= columns - 4 for line in bars), bars


def test_a_run_that_cannot_begin_leaves_the_terminal_alone(tmp_path: Path) -> None:
    (tmp_path / "taken\x1b[2J").mkdir()
    code, shown = in_terminal(tmp_path, *QUICK, "--run-dir", "taken\x1b[2J")
    assert code == 2
    assert "\x1b" not in shown
    assert "taken\\x1b[2J exists" in shown


def test_colours_asked_of_others_do_not_bring_control_codes_into_a_pipe(nnlab: Nnlab) -> None:
    done = nnlab(*QUICK, FORCE_COLOR="1")
    assert not CONTROL.search(done.stdout + done.stderr)


def test_in_a_pipe_a_line_for_each_part_and_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    view = Lines()
    for done in range(101):
        view.overall("one" if done < 50 else "two", done, 100, "runs", 90.0 if done else None)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[:2] == ["one: 0 of 100 runs", "one: 10 of 100 runs, about 1.5 min left"]
    assert lines[5] == "two: 50 of 100 runs, about 1.5 min left"


def test_the_time_left_runs_on_in_a_terminal(tmp_path: Path) -> None:
    code = (
        "import time; from nnlab.console.view import open_view\n"
        "view = open_view((), quiet=False, ticking=True)\n"
        "view.overall('one', 1, 4, 'runs', 59.0); time.sleep(2.5); view.close()"
    )
    where = {"PYTHONPATH": str(Path(__file__).parents[2])}
    _, shown = watched([sys.executable, "-c", code], tmp_path, **where)
    plain = CONTROL_SEQUENCE.sub("", shown)
    spans = [float(each) for each in re.findall(r"1/4 about ([\d.]+) s left", plain)]
    assert spans[0] == 59
    assert spans[-1] < 59


def test_the_line_under_the_bar_follows_the_bar_at_once(tmp_path: Path) -> None:
    """Also when two calls come so fast that only the thread draws the second."""
    code = (
        "import time; from nnlab.console.view import open_view\n"
        "view = open_view((), quiet=False, ticking=True)\n"
        "for done in (1, 2):\n"
        "    view.standing(f'best of {done}'); view.overall('one', done, 4, 'runs', None)\n"
        "time.sleep(1.5); view.close()"
    )
    where = {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended, shown = watched([sys.executable, "-W", "error", "-c", code], tmp_path, **where)
    assert ended == 0
    frames = CONTROL_SEQUENCE.sub("", shown).partition("best of 2")
    assert "best of 1" in frames[0]
    assert "2/4" in frames[0].rpartition("best of 1")[2]
    assert shown.rstrip().endswith("\x1b[?25h")  # nothing stays


def test_in_a_pipe_the_line_is_the_end_of_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    view = Lines()
    view.standing("best 0.1")
    view.overall("one", 1, 4, "runs", 90.0)
    assert capsys.readouterr().err == "one: 1 of 4 runs, about 1.5 min left; best 0.1\n"
