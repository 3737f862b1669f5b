"""Fixtures: nnlab as its users run it, in a process of its own or in this one."""

import csv
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlab.cli import app
from nnlab.runs.saved import SavedRun

Nnlab = Callable[..., subprocess.CompletedProcess[str]]
Typed = Callable[..., tuple[int, str, str]]

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("NNLAB_")} | {
    "COLUMNS": "100",
    "NO_COLOR": "1",
}


def command(*arguments: object, stopped: bool = False) -> list[str]:
    """Return the command line of an nnlab process, in which a warning is an error.

    A process that will be `stopped` may be loading a module when the signal comes: then Python's
    own loader leaves the module's file open, and would warn of it.
    """
    loader = ["-W", "ignore:unclosed file:ResourceWarning"] * stopped
    return [sys.executable, "-W", "error", *loader, "-m", "nnlab", *map(str, arguments)]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `code` in a Python process without TensorFlow's variables."""
    without = {k: v for k, v in ENVIRONMENT.items() if not k.startswith("TF_")}
    return subprocess.run(
        [sys.executable, "-c", code], env=without | environment, capture_output=True, check=False
    )


def weights(run_dir: Path) -> dict[str, Any]:
    """Return the final weights of a run."""
    return SavedRun(run_dir).weights()


def digest(run_dir: Path) -> str:
    """Return the SHA-256 of the final weights of a run, names and bytes."""
    arrays = weights(run_dir).items()
    return hashlib.sha256(b"".join(name.encode() + a.tobytes() for name, a in arrays)).hexdigest()


def rows(run_dir: Path) -> list[dict[str, str]]:
    """Return metrics.csv, a dict a row."""
    with (run_dir / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def without_times(run_dir: Path) -> list[dict[str, str]]:
    """Return metrics.csv without the columns that are never twice the same."""
    times = {"seconds", "images_per_second"}
    return [{k: v for k, v in row.items() if k not in times} for row in rows(run_dir)]


@pytest.fixture
def nnlab(tmp_path: Path) -> Nnlab:
    """Run `nnlab ARGUMENTS` in an empty folder; return what it printed and its exit code."""

    def run(
        *arguments: object, timeout: float = 300, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments), cwd=tmp_path, env=ENVIRONMENT | environment, text=True,
            capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type `nnlab WORDS` into a terminal of 80 columns; return exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MPLBACKEND", "agg")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnlab", *words])
        with pytest.raises(SystemExit) as end:
            app.main()
        return (int(end.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """Set TensorFlow up as a run does, before a test uses it in its process.

    That can be done only once in a process. A test that trains, or restores a network, needs it so,
    and must not depend on the tests that ran before.
    """
    from nnlab.console.view import Silent
    from nnlab.fashion.config import FashionConfig
    from nnlab.fashion.device import load_tensorflow

    load_tensorflow(FashionConfig(device="cpu"), Silent())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the quick tests first; then the faults and resumes, so that no core ends with a long one.

    A file's tests stay together: they share what is made once.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    slow.sort(key=lambda item: str(item.path), reverse=True)
    items[:] = [item for item in items if not item.get_closest_marker("slow")] + slow


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that stands still; the test moves it on by so many seconds."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def go_on(seconds: float) -> None:
        nonlocal now
        now += seconds

    return go_on
