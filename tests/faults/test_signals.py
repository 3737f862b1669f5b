"""Ctrl-C, SIGTERM and a closed terminal: a run ends in order, and resumes to the same bytes."""

import fcntl
import os
import pty
import random
import shlex
import signal
import socket
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, command
from tests.faults.harness import (
    BATCHES,
    CUBIC,
    FASHION,
    RUN,
    Arguments,
    default_signals,
    finish,
    nnlab,
    result,
    start,
    undisturbed,
)  # fmt: skip

pytestmark = pytest.mark.slow
SIGNALS = [
    pytest.param(signal.SIGINT, "Ctrl-C", id="Ctrl-C"),
    pytest.param(signal.SIGTERM, "SIGTERM", id="SIGTERM"),
    pytest.param(signal.SIGHUP, "SIGHUP", id="SIGHUP"),
]


def wait_for(process: subprocess.Popen[str], begin: str) -> None:
    """Read what the process says until a line begins with `begin`."""
    assert process.stderr
    assert any(line.startswith(begin) for line in process.stderr), "it ended before"


def status(run: Path) -> str:
    return str(SavedRun(run).record["status"])


def summary(run: Path) -> list[str]:
    return list(SavedRun(run).record["summary"])


@pytest.mark.parametrize(("sent", "name"), SIGNALS)
def test_cubic_stops_at_its_step(tmp_path: Path, sent: signal.Signals, name: str) -> None:
    process = start(tmp_path, (*CUBIC, "--run-dir", RUN))
    wait_for(process, "step 5,600")
    process.send_signal(sent)
    if sent != signal.SIGINT:  # `make`, `timeout` and shells may send it once more
        process.send_signal(sent)
    stdout, said = process.communicate()
    assert process.returncode == -sent
    *_, stopped, how_to_go_on = said.splitlines()
    assert stopped.startswith(f"nnlab: interrupted by {name}; saved at step ")
    assert stopped.endswith(" of 199,998: no step will be repeated")
    assert how_to_go_on == f"to go on: nnlab resume {RUN}"
    assert "Traceback" not in said
    assert stdout == ""
    assert status(tmp_path / RUN) == "interrupted"
    assert summary(tmp_path / RUN)[:1] == ["rmse"]
    pictures = {path.name for path in (tmp_path / RUN / "plots").iterdir()}
    assert pictures == {"fit.png", "learning.png", "training.gif", "units.png"}
    done = nnlab(tmp_path, how_to_go_on.split()[4:])
    assert done.returncode == 0, done.stderr
    step = stopped.split("step ")[1].split()[0]
    assert f"continuing from step {step} of 199,998" in done.stderr
    assert result(tmp_path / RUN) == undisturbed(CUBIC)


@pytest.mark.parametrize(
    ("sent", "name"),
    [SIGNALS[0], pytest.param(signal.SIGTERM, "SIGTERM", id="SIGTERM", marks=pytest.mark.long)],
)
def test_fashion_falls_back_on_its_last_epoch(
    tmp_path: Path, sent: signal.Signals, name: str
) -> None:
    process = start(tmp_path, (*FASHION, "--run-dir", RUN))
    wait_for(process, "epoch 2")
    process.send_signal(sent)
    _, said = process.communicate()
    assert process.returncode == -sent, said
    assert f"interrupted by {name}; epoch " in said
    assert "of 8 will be repeated from its start" in said
    assert said.endswith(f"to go on: nnlab resume {RUN}\n")
    assert status(tmp_path / RUN) == "interrupted"
    assert summary(tmp_path / RUN)[:2] == ["val_accuracy", "val_loss"]
    pictures = {path.name for path in (tmp_path / RUN / "plots").iterdir()}
    assert pictures == {"accuracy.png", "loss.png", "samples.png"}
    finish(tmp_path, FASHION)
    assert result(tmp_path / "finished") == undisturbed(FASHION)


@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 6))]
)
@pytest.mark.parametrize(
    "arguments",
    [CUBIC, pytest.param(BATCHES, marks=pytest.mark.long), FASHION],
    ids=["cubic", "batches", "fashion"],
)
def test_a_signal_at_any_moment(tmp_path: Path, arguments: Arguments, number: int) -> None:
    """Also while it loads, draws or tests: no traceback, and a run that resumes."""
    rng = random.Random(f"{arguments} {number}")  # noqa: S311
    process = start(tmp_path, (*arguments, "--run-dir", RUN))
    assert process.stderr
    said = process.stderr.readline()
    time.sleep(rng.uniform(0, 9 if arguments is FASHION else 3))
    process.send_signal(signal.SIGTERM)
    stdout, more = process.communicate()
    assert process.returncode == (0 if stdout else -signal.SIGTERM), said + more
    assert "Traceback" not in said + more + stdout
    finish(tmp_path, arguments)
    assert result(tmp_path / "finished") == undisturbed(tuple(arguments))


@pytest.mark.parametrize(("sent", "name"), SIGNALS)
def test_the_shell_sees_128_and_the_signals_number(
    tmp_path: Path, sent: signal.Signals, name: str
) -> None:
    script = f"{shlex.join([*command(*CUBIC), '--run-dir', RUN])}; echo $?"
    shell = subprocess.Popen(
        ["/bin/bash", "-c", script], cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=default_signals,  # noqa: PLW1509
    )  # fmt: skip
    wait_for(shell, "step 2,800")
    process = SavedRun(tmp_path / RUN).record["process"]["pid"]
    os.kill(process, sent)
    stdout, said = shell.communicate()
    assert stdout == f"{128 + sent}\n"
    assert f"interrupted by {name}" in said


@pytest.mark.parametrize("when", ["running", "loading"])
def test_ctrl_c_ends_a_loop_of_a_shell(tmp_path: Path, when: str) -> None:
    """The terminal sends it to the whole group; bash goes on if its child did not die of it."""
    nnlab = shlex.join([*command(*CUBIC, "--no-gif", "--run-dir"), ""]).removesuffix("''")
    shell = subprocess.Popen(
        ["/bin/bash", "-c", f'for i in 1 2 3; do echo "began $i" >&2; {nnlab} $i; done'],
        cwd=tmp_path, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=default_signals,  # noqa: PLW1509
    )  # fmt: skip
    wait_for(shell, "step 2,800" if when == "running" else "began 1")
    if when == "loading":
        wait_until_loading(shell.pid)
    os.killpg(shell.pid, signal.SIGINT)
    _, said = shell.communicate(timeout=60)
    assert shell.returncode == -signal.SIGINT
    assert "Traceback" not in said
    assert not (tmp_path / "2").exists()


def wait_until_loading(shell: int) -> None:
    """Wait until the child of `shell` has opened the library that nnlab's configs are made of."""
    children = Path(f"/proc/{shell}/task/{shell}/children")
    while True:
        for child in children.read_text().split():
            with suppress(OSError):
                if "pydantic_core" in Path(f"/proc/{child}/maps").read_text():
                    return
        time.sleep(0.001)


def test_ctrl_c_ends_a_command_without_a_run(tmp_path: Path) -> None:
    """A download from a server that is silent; this machine may have the data."""
    code = (
        "import pathlib, sys; from nnlab.fashion.dataset import locate; "
        "from nnlab.__main__ import main; "
        "locate.DEBIAN = pathlib.Path('none'); sys.argv[1:] = ['data', 'fetch']; main()"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        homes = {name: str(tmp_path) for name in ("NNLAB_DATA", "XDG_CACHE_HOME", "KERAS_HOME")}
        mirror = {"NNLAB_MIRROR": f"http://127.0.0.1:{server.getsockname()[1]}/"}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code], text=True, stderr=subprocess.PIPE,
            env=ENVIRONMENT | homes | mirror,
            preexec_fn=default_signals,  # noqa: PLW1509
        )  # fmt: skip
        wait_for(process, "downloading")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in said
    assert not list(tmp_path.glob("*gz"))


def test_a_second_ctrl_c_leaves_at_once_and_tears_nothing(tmp_path: Path) -> None:
    process = start(tmp_path, (*CUBIC, "--run-dir", RUN))
    wait_for(process, "step 2,800")
    process.send_signal(signal.SIGINT)
    wait_for(process, "Ctrl-C: stopping in order")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == -signal.SIGINT
    assert status(tmp_path / RUN) == "running"  # it had no time to say more
    finish(tmp_path, CUBIC)
    assert result(tmp_path / "finished") == undisturbed(CUBIC)


def test_who_ignores_a_signal_is_not_stopped_by_it(tmp_path: Path) -> None:
    """As under nohup."""
    process = subprocess.Popen(
        command("cubic", "--samples", 60_000, "--no-gif", "--run-dir", RUN),
        cwd=tmp_path, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509
    )  # fmt: skip
    wait_for(process, "step 1,000")
    process.send_signal(signal.SIGHUP)
    process.communicate()
    assert process.returncode == 0
    assert status(tmp_path / RUN) == "completed"


def own_terminal() -> None:
    """Make standard input the terminal whose closing the process is told of."""
    default_signals()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_terminal_that_closes(tmp_path: Path) -> None:
    """The kernel sends SIGHUP, and from then on every write to the terminal fails."""
    terminal, inner = pty.openpty()
    shell = subprocess.Popen(
        command(*CUBIC, "--run-dir", RUN), cwd=tmp_path, env=ENVIRONMENT | {"TERM": "xterm"},
        stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
        preexec_fn=own_terminal,  # noqa: PLW1509
    )  # fmt: skip
    os.close(inner)
    while not (tmp_path / RUN / "checkpoint/last.safetensors").exists():
        os.read(terminal, 1000)
    os.close(terminal)
    assert shell.wait() == -signal.SIGHUP
    assert status(tmp_path / RUN) == "interrupted"
    finish(tmp_path, CUBIC)
    assert result(tmp_path / "finished") == undisturbed(CUBIC)


def test_ctrl_c_in_a_terminal_leaves_the_cursor_visible(tmp_path: Path) -> None:
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        command("cubic", "--samples", 10_000_000, "--run-dir", RUN), cwd=tmp_path,
        env=ENVIRONMENT | {"TERM": "xterm"}, stdin=inner, stdout=inner, stderr=inner,
        preexec_fn=default_signals,  # noqa: PLW1509
    )  # fmt: skip
    os.close(inner)
    said = b""
    while b"4,000" not in said:
        said += os.read(terminal, 1000)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    while True:
        try:
            said += os.read(terminal, 1000)
        except OSError:  # the process has gone
            break
    assert process.wait() == -signal.SIGINT
    assert said.rfind(b"\x1b[?25h") > said.rfind(b"\x1b[?25l")  # show after hide
