"""SIGKILL, or a full disk, exactly at the k-th write, fsync or rename of a run (by strace)."""

import random
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.faults.harness import DOCUMENTED, RUN, finish, nnlab, once, result, undisturbed

ARGUMENTS = ("cubic", "--hidden", 80, "--samples", 150_000, "--log-every", 3000, "--no-gif")
SYSCALLS = ("write", "fsync", "renameat")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]


def calls(syscall: str) -> int:
    """Return how often an undisturbed run makes the call."""
    counts = once("system calls", _count)
    if not counts:
        pytest.skip("strace cannot trace here")
    return int(counts[syscall])


def _count() -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        tracer = ("strace", "-qq", "-o", log, "-e", f"trace={','.join(SYSCALLS)}")
        done = nnlab(Path(folder), (*ARGUMENTS, "--run-dir", RUN), *tracer)
        if done.returncode:
            return {}
        calls = re.findall(r"^(\w+)\(", log.read_text(), re.MULTILINE)
        return {name: calls.count(name) for name in SYSCALLS}


@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=ENOSPC"])
@pytest.mark.parametrize("syscall", SYSCALLS)
@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 9))]
)
def test_a_fault_at_any_call_is_survived(
    tmp_path: Path, syscall: str, fault: str, number: int
) -> None:
    most = calls(syscall) * 4 // 5  # a run that is lucky with the clock makes a few less
    k = random.Random(f"{syscall} {fault} {number}").randint(1, most)  # noqa: S311
    inject = f"--inject={syscall}:{fault}:when={k}"
    tracer = ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={syscall}", inject)
    done = nnlab(tmp_path, (*ARGUMENTS, "--run-dir", RUN), *tracer)
    if fault == "error=ENOSPC":
        assert done.returncode in DOCUMENTED, done.stderr
        assert done.returncode in {0, 1}
        assert done.returncode == 0 or "No space left on device" in done.stderr
    else:
        assert done.returncode in {-9, 137}
    finish(tmp_path, ARGUMENTS)
    assert result(tmp_path / "finished") == undisturbed(ARGUMENTS), f"{inject}"


def test_a_disk_that_stays_full(tmp_path: Path) -> None:
    """From the middle of the run on every write fails, to run.json and to stderr too."""
    calls("write")  # skips this test where strace cannot trace
    tracer = ("strace", "-qq", "-o", "/dev/null", "-e", "trace=write")
    # Of 100 writes of 50 log points, whose number no clock changes: those of checkpoints it does.
    inject = "--inject=write:error=ENOSPC:when=50+"
    done = nnlab(tmp_path, (*ARGUMENTS, "--run-dir", RUN), *tracer, inject)
    assert done.returncode in DOCUMENTED - {0}
    finish(tmp_path, ARGUMENTS)
    assert result(tmp_path / "finished") == undisturbed(ARGUMENTS)
