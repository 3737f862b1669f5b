"""Disturb a real nnlab process, let `nnlab resume` finish its run, compare with an undisturbed one.

A run is compared by the SHA-256 of its final weights and by metrics.csv without its clock times.
"""

import fcntl
import functools
import hashlib
import json
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import ENVIRONMENT, command, digest, without_times

# docs/running.md, "Exit codes"
DOCUMENTED = {0, 1, 2, 3, -signal.SIGHUP, -signal.SIGINT, -signal.SIGTERM}
RUN = "run"

# Some seconds each, with an end that no log point and no full batch falls on.
CUBIC = ("cubic", "--hidden", 100, "--samples", 66_666, "--epochs", 3, "--log-every", 700)
BATCHES = (
    "cubic", "--hidden", 150, "--samples", 150_001, "--epochs", 4, "--batch-size", 16,
    "--dtype", "float32", "--log-every", 1000, "--no-gif", "--no-shuffle", "--order", "flip-flop",
)  # fmt: skip
COMPILED = (*CUBIC[:3], "--samples", 400_000, *CUBIC[5:], "--engine", "numba")
FASHION = ("fashion", "--data", "sample", "--epochs", 8, "--patience", 6)
# Everything that has a state or is random, beside the plain one.
FASHION_ALL = (
    "fashion", "--data", "sample", "--epochs", 6, "--filters", "8,{filters: 8, pool: 1, skip: 1}",
    "--batch-norm", "--optimizer", "adamw", "--weight-decay", 0.05, "--lr-schedule", "one-cycle",
    "--augment", "flip,shift,erase", "--tta", "--tta-shift", 1, "--ema", 0.9,
    "--label-smoothing", 0.1, "--patience", 5, "--precision", "mixed_float16", "--batch-size", 64,
    "--samples", 1900, "--no-shuffle", "--order", "by-class",
)  # fmt: skip
QUICK = ("cubic", "--hidden", 9, "--samples", 3000, "--log-every", 250)

Arguments = Sequence[object]
SHARED = Path("of this session")  # a folder; conftest.py sets it


class Result(NamedTuple):
    """What a run is compared by."""

    digest: str
    rows: list[dict[str, str]]


def result(run: Path) -> Result:
    return Result(digest(run), without_times(run))


def default_signals() -> None:
    """Background jobs have SIGINT ignored, nohup's SIGHUP; their children would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(folder: Path, arguments: Arguments, *before: object) -> subprocess.Popen[str]:
    """Start `BEFORE nnlab ARGUMENTS`, its output in pipes."""
    return subprocess.Popen(
        [*map(str, before), *command(*arguments, stopped=True)],
        cwd=folder, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=default_signals,  # noqa: PLW1509 - no threads
    )  # fmt: skip


def nnlab(folder: Path, arguments: Arguments, *before: object) -> subprocess.CompletedProcess[str]:
    """Run `BEFORE nnlab ARGUMENTS` to its end."""
    process = start(folder, arguments, *before)
    stdout, stderr = process.communicate(timeout=600)
    assert "Traceback" not in stderr, stderr
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


@functools.cache
def undisturbed(arguments: tuple[object, ...]) -> Result:
    """Return the result of a run that nothing disturbs; made once in a test session."""

    def make() -> Result:
        with tempfile.TemporaryDirectory() as folder:
            done = nnlab(Path(folder), (*arguments, "--run-dir", RUN))
            assert done.returncode == 0, done.stderr
            return result(Path(folder, RUN))

    return Result(*once(repr(arguments), make))


def once(name: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returns, as JSON; the first process to ask makes it, the others wait."""
    path = SHARED / hashlib.sha256(name.encode()).hexdigest()
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if not (text := file.read()):
            text = json.dumps(make())
            file.write(text)
    return json.loads(text)


def finish(folder: Path, arguments: Arguments) -> None:
    """Resume the run in `folder`; start it anew where nnlab says that it never began."""
    done = nnlab(folder, ("resume", RUN))
    if done.returncode == 2:
        told = ("killed before it began", "no such run", "no run of nnlab")
        assert any(words in done.stderr for words in told), done.stderr
        assert not (folder / RUN / "metrics.csv").exists()
        done = nnlab(folder, (*arguments, "--run-dir", "again"))
        (folder / "again").rename(folder / "finished")
    else:
        (folder / RUN).rename(folder / "finished")
    assert done.returncode == 0, done.stderr
    assert list((folder / "finished").glob("**/.tmp-*")) == []
