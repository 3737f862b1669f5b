"""Ctrl-C, SIGTERM, a terminal that closes, SIGKILL: no worker is left, and every run can go on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT
from tests.faults.harness import default_signals

pytestmark = pytest.mark.slow
LONG = pytest.mark.long
KEYS = {"samples": 30_000, "hidden": 50, "gif": False}
# A program without the guard `if __name__ == "__main__"`, which multiprocessing asks for.
PROGRAM = """
import sys
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task
from nnlab.runs.signals import Interrupted

tasks = [Task(name, "tests.jobs.calls:CALL", ARGUMENTS) for name in sys.argv[1:]]
try:
    with Pool(2) as pool:
        for done in pool.map(tasks):
            print(done.task.name, done.error, flush=True)
except Interrupted as stop:
    sys.exit(f"stopped by {stop}")
"""
TRAIN = PROGRAM.replace("CALL", "train").replace("ARGUMENTS", f'{{"path": name}} | {KEYS}')
ENDLESS = TRAIN.replace("30000", "3000000")
STUCK = PROGRAM.replace("CALL", "never_look_up").replace("ARGUMENTS", '{"ready": name}')


@contextmanager
def started(folder: Path, code: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *words],
        cwd=folder, env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
        preexec_fn=default_signals,  # noqa: PLW1509 - no threads
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for what must come; so many seconds are for a busy machine."""
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last, "it did not come"
        time.sleep(0.01)


def members(group: int) -> set[int]:
    """Return the processes of a process group that are alive."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, number = stat.read_text().rpartition(")")[2].split()[:3]
            if int(number) == group and state != "Z":
                found.add(int(stat.parent.name))
    return found


def training(folder: Path) -> bool:
    """Whether both runs have taken steps."""
    return all((folder / name / "checkpoint/last.safetensors").exists() for name in "ab")


def begun(folder: Path) -> bool:
    """Whether both tasks have made their file."""
    return all((folder / name).exists() for name in "ab")


def finish(folder: Path) -> None:
    """Go on with both runs; they must end with the weights of runs that nobody disturbed."""
    names = ("alone", "a", "b")
    tasks = [
        Task(name, "tests.jobs.calls:train", {"path": str(folder / name)} | KEYS) for name in names
    ]
    with Pool(2) as pool:
        done = list(pool.map(tasks))
    assert [each.error for each in done] == [None] * 3
    assert len({each.result for each in done}) == 1


@pytest.mark.parametrize(
    ("number", "name", "to_all"),
    [
        pytest.param(signal.SIGINT, "Ctrl-C", True, id="Ctrl-C in a terminal"),
        pytest.param(signal.SIGINT, "Ctrl-C", False, id="SIGINT to the parent", marks=LONG),
        pytest.param(signal.SIGTERM, "SIGTERM", False, id="SIGTERM to the parent", marks=LONG),
        pytest.param(signal.SIGHUP, "SIGHUP", True, id="a terminal that closes", marks=LONG),
    ],
)
def test_a_signal_stops_all_in_order(
    tmp_path: Path, number: signal.Signals, name: str, to_all: bool
) -> None:
    with started(tmp_path, ENDLESS, "a", "b", "c") as process:
        wait_until(lambda: training(tmp_path))
        (os.killpg if to_all else os.kill)(process.pid, number)
        stdout, stderr = process.communicate(timeout=120)
        assert members(process.pid) == set()
    assert (stdout, stderr) == ("", f"stopped by {name}\n")
    assert not (tmp_path / "c").exists()
    for run in "ab":
        assert SavedRun(tmp_path / run).record["status"] == "interrupted"


def test_ctrl_c_while_the_workers_start(tmp_path: Path) -> None:
    """No worker prints a traceback, and nothing is begun."""
    with started(tmp_path, TRAIN, "a", "b") as process:
        wait_until(lambda: len(members(process.pid)) > 1)
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
        assert members(process.pid) == set()
    assert (stdout, stderr) == ("", "stopped by Ctrl-C\n")


def test_a_second_ctrl_c_leaves_at_once(tmp_path: Path) -> None:
    with started(tmp_path, STUCK, "a", "b") as process:
        wait_until(lambda: begun(tmp_path))
        process.send_signal(signal.SIGINT)
        workers = members(process.pid) - {process.pid}
        time.sleep(1)
        assert members(process.pid) - {process.pid} == workers != set()  # they cannot heed it
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGINT
        assert stderr == ""
        wait_until(lambda: members(process.pid) == set(), 10)


def test_a_killed_parent_leaves_no_worker_and_every_run_can_go_on(tmp_path: Path) -> None:
    with started(tmp_path, TRAIN, "a", "b") as process:
        wait_until(lambda: training(tmp_path))
        process.kill()
        wait_until(lambda: members(process.pid) == set(), 10)
    finish(tmp_path)


def test_a_killed_parent_leaves_no_worker_in_compiled_code(tmp_path: Path) -> None:
    with started(tmp_path, STUCK, "a", "b") as process:
        wait_until(lambda: begun(tmp_path))
        assert len(members(process.pid)) == 3
        process.kill()
        wait_until(lambda: members(process.pid) == set(), 10)


IDLE = """
import time
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task

with Pool(2) as pool:
    list(pool.map([Task("t", "tests.jobs.calls:pid")] * 10))
    print("idle", flush=True)
    time.sleep(600)
"""
# Where the kernel has no such signal. The child's own program ends only if it is killed.
WATCHED = """
import os, subprocess, sys, time
from nnlab.jobs import worker

child = "import sys, time; from nnlab.jobs import worker; sys.platform = 'darwin'; " \\
    "worker.die_with(int(sys.argv[1])); print('watching', flush=True); time.sleep(600)"
subprocess.run([sys.executable, "-c", child, str(os.getpid())])
"""


@pytest.mark.parametrize("code", [IDLE, WATCHED], ids=["idle", "watched by a thread"])
def test_a_worker_that_only_waits_ends_with_its_parent(tmp_path: Path, code: str) -> None:
    with started(tmp_path, code) as process:
        assert process.stdout
        assert process.stdout.readline() in {"idle\n", "watching\n"}
        assert len(members(process.pid)) > 1
        process.kill()
        wait_until(lambda: members(process.pid) == set(), 10)
