"""Try a library in a process of its own: if it crashes or hangs, only that process does.

The process imports a function and calls it. The function yields answers; each is printed as a line
of JSON on stdout, among whatever the library prints. So the answers before a crash are known.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pkgutil import resolve_name
from types import FrameType
from typing import Any, NamedTuple

from nnlab.ending import end_by
from nnlab.finding import Finding, Result, examine
from nnlab.text import clipped

ANSWER = "nnlab.doctor.probe: "  # the start of a line with an answer
LONGEST = 86_400  # seconds to wait
CRASHES = {
    "SIGILL": "this processor lacks instructions that a library was built with; build it for this "
    "processor ({0}), or use another machine",
    "SIGKILL": "memory was probably full: close other programs",
}


class Probed(NamedTuple):
    """What came of a probe.

    Attributes:
        answers: what the function yielded.
        log: all that the process printed on stdout.
        fault: what is wrong if the process did not end well.
    """

    answers: list[Any]
    log: str
    fault: Result | None


def probe(entry: str, library: str, patience: float, **environment: str) -> Probed:
    """Call a function in another process.

    Args:
        entry: "module:function".
        library: what it tries, for the advice.
        patience: seconds to wait.
        environment: more environment variables for the process.
    """
    # -P and the same sys.path: the process imports what this one would import.
    code = f"import sys; sys.path[:] = {sys.path!r}; from nnlab.doctor.probe import main; main()"
    again = f"install it again: pip install --force-reinstall {library}"
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-P", "-c", code, entry],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, errors="replace",
        start_new_session=True,  # its own children are ended with it
    ) as process, _ended_with_us(process):  # fmt: skip
        try:
            log, errors = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            _kill(process)
            log, _ = process.communicate()
            longer = min(10 * patience, LONGEST)
            advice = f"is the disk slow? nnlab doctor --patience {longer:g}; if it hangs, "
            fault = Result("fault", f"no answer in {patience:g} seconds", advice + again)
            return Probed(_answers(log), log, fault)
    return Probed(_answers(log), log, _fault(process.returncode, errors, library, again))


def examined(entry: str, names: Sequence[str], library: str, patience: float) -> Iterator[Finding]:
    """Yield the findings that a function yields in another process; see `probe`.

    Args:
        entry: "module:function".
        names: the names of its findings. If the process crashes or hangs, that is the finding of
            the first name without an answer, and the names after it have none.
        library: what is tried.
        patience: seconds to wait.
    """
    answers, _, fault = probe(entry, library, patience)
    yield from (Finding(*answer) for answer in answers)
    if fault and len(answers) < len(names):
        yield examine(names[len(answers)], lambda: fault)


def main() -> None:
    """Print what the function yields whose name is the argument of this process."""
    for answer in resolve_name(sys.argv[1])():
        print(f"\n{ANSWER}{json.dumps(answer)}", flush=True)  # noqa: T201 - for `probe`


def _answers(log: str) -> list[Any]:
    lines = [line for line in log.splitlines(keepends=True) if line.startswith(ANSWER)]
    return [json.loads(line.removeprefix(ANSWER)) for line in lines if line.endswith("\n")]


def _fault(code: int, errors: str, library: str, again: str) -> Result | None:
    """Return what the exit code of the process says; None if all is well."""
    if code == 0:
        return None
    how = {-number: number.name for number in signal.Signals}.get(code, f"exit code {code}")
    said = clipped(errors.rstrip("\n").rpartition("\n")[2], 200)
    seen = ": ".join(filter(None, [f"the process ended ({how})", said]))
    return Result("fault", seen, CRASHES.get(how, again).format(library))


@contextmanager
def _ended_with_us(process: subprocess.Popen[str]) -> Iterator[None]:
    """End the process, too, if this one is stopped in the block: by Ctrl-C or another signal."""

    def end(number: int, _: FrameType | None) -> None:
        _kill(process)
        end_by(signal.Signals(number))

    heeded = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heeded}
    try:
        yield
    except BaseException:
        _kill(process)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill the process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
