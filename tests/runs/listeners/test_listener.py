"""A listener never changes a run, and never ends it."""

import os
from pathlib import Path
from typing import ClassVar

import pytest

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic.config import CubicConfig
from nnlab.runs.columns import Row
from nnlab.runs.listeners.listener import LISTENERS, Listener, reason
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab


class Notes(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


class Recorder:
    """Keeps what it hears; raises in one of its methods."""

    name: ClassVar[str] = "recorder"

    def __init__(self, failing: str = "") -> None:
        self.heard: list[str] = []
        self._failing = failing

    def begin(self, saved: SavedRun) -> None:
        self._hear(f"begin {saved.status} {len(saved.metrics.get('step', ()))}")

    def log(self, row: Row) -> None:
        self._hear(f"log {row['step']}")

    def end(self, saved: SavedRun) -> None:
        self._hear(f"end {saved.status}")

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if self._failing and what.startswith(self._failing):
            raise OSError(28, "No space left on device")


def run_with(*listeners: Listener, path: Path) -> tuple[Run, Notes]:
    view = Notes()
    resolved = resolve(CubicConfig, None, {})
    return Run("cubic", resolved, view, command="test", path=path, listeners=listeners), view


def test_a_listener_hears_the_run_in_order(tmp_path: Path) -> None:
    recorder = Recorder()
    run, view = run_with(recorder, path=tmp_path / "a")
    with run:
        run.begin()
        run.log({"step": 1, "loss": 0.5})
        run.log({"step": 2, "loss": 0.25})
        run.finish({"loss": 0.25})
    assert recorder.heard == ["begin running 0", "log 1", "log 2", "end completed"]
    assert not any("recorder" in note for note in view.notes)


def test_what_a_listener_takes_is_no_time_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("nnlab.runs.run.time.perf_counter", lambda: clock[0])
    recorder = Recorder()

    def hear(_: str) -> None:
        clock[0] += 5

    monkeypatch.setattr(recorder, "_hear", hear)
    run, _ = run_with(recorder, path=tmp_path / "a")
    with run:
        run.begin()
        assert run.elapsed() == 0
        clock[0] += 2
        run.log({"step": 1, "seconds": run.elapsed()})
        clock[0] += 1
        assert run.elapsed() == 3
        run.finish({})
    assert SavedRun(tmp_path / "a").record["seconds"] == 3


def test_a_listener_hears_that_a_run_failed(tmp_path: Path) -> None:
    recorder = Recorder()
    run, _ = run_with(recorder, path=tmp_path / "a")
    with pytest.raises(ValueError, match="broken"), run:
        run.begin()
        raise ValueError("broken")
    assert recorder.heard == ["begin running 0", "end failed"]


def test_a_listener_hears_nothing_of_a_run_that_never_began(tmp_path: Path) -> None:
    recorder = Recorder()
    run, _ = run_with(recorder, path=tmp_path / "a")
    with pytest.raises(ValueError, match="broken"), run:
        raise ValueError("broken")
    assert recorder.heard == []


@pytest.mark.parametrize(
    ("failing", "left"),
    [
        ("begin", "the run goes on without it"),
        ("log", "the run goes on without it"),
        ("end", "the run's own files are complete"),
    ],
)
def test_a_listener_that_fails_is_told_once_and_the_run_goes_on(
    tmp_path: Path, failing: str, left: str
) -> None:
    bad, good = Recorder(failing), Recorder()
    run, view = run_with(bad, good, path=tmp_path / "a")
    with run:
        run.begin()
        for step in (1, 2, 3):
            run.log({"step": step, "loss": 0.5})
        run.finish({"loss": 0.5})
    assert SavedRun(tmp_path / "a").status == "completed"
    assert list(SavedRun(tmp_path / "a").metrics["step"]) == [1, 2, 3]
    assert len(good.heard) == 5
    assert sum(heard.startswith(failing) for heard in bad.heard) == 1
    assert [note for note in view.notes if "recorder" in note] == [
        f"--recorder failed ([Errno 28] No space left on device); {left}"
    ]


@pytest.mark.parametrize("name", LISTENERS)
def test_a_missing_package_is_told_before_the_run_begins(
    nnlab: Nnlab, tmp_path: Path, name: str
) -> None:
    (tmp_path / "packages" / name).mkdir(parents=True)
    (tmp_path / "packages" / name / "__init__.py").write_text("raise ImportError('not there')")
    path = os.pathsep.join([str(tmp_path / "packages"), os.environ.get("PYTHONPATH", "")])
    done = nnlab("cubic", f"--{name}", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr == (
        f"nnlab: --{name} needs a package that is not installed (not there): "
        f"pip install 'nnlab-bench[{name}]'\n"
    )
    assert not (tmp_path / "runs").exists()


def test_a_reason_is_one_line_without_a_password() -> None:
    error = OSError("no answer from http://ann:secret@host:5000/api\nTraceback ...")
    assert reason(error) == "no answer from http://host:5000/api"
    assert reason(OSError()) == "OSError"
