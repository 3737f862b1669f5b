"""Start real sweeps, disturb them, and look at what is left."""

import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.sweep.cohorts import read_sweep
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.table import trials_csv
from tests.jobs.test_signals import members, started, wait_until

SWEEP = Path("sweeps/s")
MAIN = "from nnlab.cli.app import main; main()"
SPACE = ("cubic", "lr=0.001..0.1:log", "hidden=4..20", "gif=false")
SMALL = (
    *SPACE, "samples=9000", "log_every=300", "--search", "tpe", "--prune", "--trials", 6,
    "--reruns", 1,
)  # fmt: skip
# Every worker process imports this module when it starts. It counts steps before they are taken, so
# that those of a killed worker count, too. The batch size is 1.
COUNTER = """
import os
from nnlab.cubic import train

def descent(config, before=train.descent):
    take_steps, device = before(config)

    def counted(parameters, x, y):
        with open({log!r}, "a") as log:
            log.write(f"{{len(x)}}\\n")
        return take_steps(parameters, x, y)

    return counted, device

train.descent = descent
"""


def sweep(folder: Path, *words: object) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start `nnlab sweep WORDS` in a process group of its own."""
    return started(folder, MAIN, "sweep", *map(str, words))


def ended(process: subprocess.Popen[str], code: int = 0, seconds: float = 600) -> str:
    """Wait for the end of a sweep, so many seconds; return what it said on standard error."""
    _, said = process.communicate(timeout=seconds)
    assert process.returncode == code, said
    assert "Traceback" not in said
    return said


def whole(folder: Path, *words: object) -> str:
    """Run `nnlab sweep WORDS --name s` to its end; return its trials as CSV."""
    with sweep(folder, *words, "--name", SWEEP.name) as process:
        ended(process)
    return trials(folder)


@functools.cache
def undisturbed(*words: object) -> str:
    """Return the trials of a sweep with one worker that nothing disturbs."""
    with tempfile.TemporaryDirectory() as folder:
        return whole(Path(folder), *words, "--jobs", 1)


def trials(folder: Path) -> str:
    """Return the trials as CSV, read again from the runs; the sweep must have written the same."""
    results, due = read_sweep(SweepDirectory.open(folder / SWEEP))
    assert due == []
    read = trials_csv(results)
    assert read == (folder / SWEEP / "trials.csv").read_text()
    return read


def runs(folder: Path) -> list[SavedRun]:
    """Return the runs of the sweep, by name."""
    return SavedRun.find_all(folder / SWEEP / "runs")


def finished(folder: Path) -> dict[str, bytes]:
    """Return run.json of each run that has ended; it has the times and every resume."""
    return {
        run.path.name: (run.path / "run.json").read_bytes()
        for run in runs(folder)
        if run.status in {"completed", "diverged"}
    }


def workers(process: subprocess.Popen[str]) -> set[int]:
    """Return the worker processes of a sweep."""
    found = set()
    for pid in members(process.pid) - {process.pid}:
        with suppress(OSError):
            if b"nnlab.jobs.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(pid)
    return found


def at_work(folder: Path) -> dict[int, str]:
    """Return the processes that have trained runs, each with the run that it trains now, or ""."""
    found: dict[int, str] = {}
    for run in runs(folder):
        with suppress(UsageError):  # its directory is just being made
            pid = int(run.record["process"]["pid"])
            found[pid] = run.path.name if run.status == "running" else found.get(pid, "")
    return found


def busy(folder: Path) -> list[str]:
    """Return the runs that are being trained."""
    return list(filter(None, at_work(folder).values()))


def kill_parent(folder: Path, process: subprocess.Popen[str]) -> dict[str, bytes]:
    """Kill a sweep, wait until its workers have ended; return what had finished."""
    process.kill()
    process.wait()
    wait_until(lambda: members(process.pid) == set(), 10)
    return finished(folder)


def storm(
    folder: Path, process: subprocess.Popen[str], kills: int, rng: random.Random, longest: float
) -> int:
    """Kill workers at random times, every third time an idle one; return the number of kills.

    No run loses more than two workers, as more would be a failure. A worker that has just been
    started has nothing to lose, and is let alone.
    """
    lost: Counter[str] = Counter()

    def victims(*, idle: bool) -> list[int]:
        known = at_work(folder)
        alive = known.keys() & workers(process)
        return [pid for pid in sorted(alive) if (not known[pid]) == idle and lost[known[pid]] < 2]

    done = 0
    while done < kills:
        idle = done % 3 == 2
        time.sleep(rng.uniform(0, longest))
        wait_until(lambda: process.poll() is not None or bool(victims(idle=idle)))  # noqa: B023
        if process.poll() is not None:
            break
        if found := victims(idle=idle):
            victim = rng.choice(found)
            lost[at_work(folder)[victim]] += not idle
            os.kill(victim, signal.SIGKILL)  # until it is waited for, there is such a process
            done += 1
    return done


def counter(folder: Path) -> Path:
    """Make a folder that, on Python's path, lets processes count their steps in its file `log`."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(COUNTER.format(log=str(folder / "log")))
    return folder


def counted(folder: Path) -> int:
    """Return the steps that were counted."""
    return sum(map(int, (folder / "log").read_text().split()))


def lone(folder: Path, run: SavedRun, name: str) -> Path:
    """Train the config of a run with `nnlab cubic`; return the new run's directory."""
    words = ["cubic", "-q", "--config", str(run.path / "config.yaml"), "--run-dir", name]
    subprocess.run(
        [sys.executable, "-c", MAIN, *words], cwd=folder, check=True, capture_output=True
    )
    return folder / name


def status(folder: Path) -> str:
    """Return the status in sweep.json."""
    return str(json.loads((folder / SWEEP / "sweep.json").read_text())["status"])
