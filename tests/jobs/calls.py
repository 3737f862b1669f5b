"""What the workers of these tests do."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from nnlab.errors import DataError, DivergedError
from nnlab.files import write_text


def square(x: int, seconds: float = 0) -> int:
    time.sleep(seconds)
    return x * x


def pid() -> int:
    return os.getpid()


def environment() -> dict[str, str]:
    return dict(os.environ)


def path() -> list[str]:
    return sys.path


def talk() -> str:
    sys.stdout.write("from Python\n")
    sys.stderr.write("an error\n")
    os.write(1, b"from a library\n")
    os.write(2, b"an error of a library\n")
    return "done"


class OddError(Exception):
    """Can be pickled, but not read back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


ERRORS = {
    "diverged": DivergedError(7, 0.5, float("inf")),
    "data": DataError("no such data"),
    "value": ValueError("seven"),
    "odd": OddError(1, 2),
    "exit": SystemExit(3),
}


def fail(kind: str) -> None:
    error = ERRORS[kind]
    error.add_note("a note")
    raise error


def unreadable() -> object:
    """Return what cannot be pickled."""
    return lambda: None


def die(number: int = signal.SIGKILL, *, log: str) -> None:
    """Count the try in the file `log`, print a line, and kill this process."""
    with Path(log).open("a") as file:
        file.write("x")
    os.write(2, b"a line\nthe last words\n")
    os.kill(os.getpid(), number)


def die_once(number: int, *, log: str) -> str:
    if not Path(log).exists():
        die(number, log=log)
    return "the second try"


def leave(code: int) -> None:
    os._exit(code)


def never_look_up(ready: str) -> int:
    """Stay in compiled code that keeps Python's lock: no thread and no signal handler runs."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # as in a run
    Path(ready).touch()
    return sum(range(10**12))


def train(path: str, **keys: Any) -> str:
    """Train a run, or go on with it; return the digest of its weights."""
    from nnlab.config.resolve import resolve
    from nnlab.experiments import EXPERIMENTS, configs, launch
    from tests.conftest import digest

    row = EXPERIMENTS[keys.pop("experiment", "cubic")]
    run = Path(path)
    resolved = resolve(row.config, None, keys, configs())
    launch(row, resolved, command="a test", run_dir=run, resume=run.exists(), pictures=False)
    return digest(run)


def count(home: Path, name: str, to: int, seconds: float) -> list[int]:
    """Count in a file, from where it stands; return where each try began."""
    folder = home / name
    folder.mkdir(exist_ok=True)
    number, begun = folder / "number", folder / "begun"
    first = int(number.read_text()) if number.exists() else 0
    write_text(begun, begun.read_text() + f" {first}" if begun.exists() else f"{first}")
    for each in range(first + 1, to + 1):
        time.sleep(seconds)
        write_text(number, str(each))
    return [int(each) for each in begun.read_text().split()]


def train_at(home: Path, run: str, **keys: Any) -> str:
    """Train a run in a folder of the task's home, as `train`."""
    return train(str(home / run), **keys)


def blas_threads(wanted: int) -> int:
    """Return the most threads of a BLAS; then set `wanted`, for the next call to find."""
    import numpy as np
    from threadpoolctl import threadpool_info, threadpool_limits

    assert np.ones(1) == 1
    found = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
    threadpool_limits(wanted, user_api="blas")
    return max(map(int, found))
