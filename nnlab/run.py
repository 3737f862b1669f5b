"""Run: one directory that holds all of a training run. Only this module writes into it."""

import csv
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self

from filelock import FileLock

from nnlab import files, provenance
from nnlab.console import View
from nnlab.errors import DivergedError, RunInterruptedError, RunTerminatedError, UsageError


class _Terminated(KeyboardInterrupt):
    """SIGTERM, raised where the program stands, as Python does with SIGINT."""


class Run(AbstractContextManager["Run"]):
    """A training run and its directory.

    As a context manager it holds the directory's lock and, however the block ends, records how:
    completed, diverged, interrupted or failed. A run whose inputs turn out unusable before
    `begin` leaves no directory.

    Attributes:
        path: the run directory.
        record: what run.json holds.
    """

    def __init__(self, path: Path, record: dict[str, Any], view: View) -> None:
        self.path = path
        self.record = record
        self.view = view
        self._lock = FileLock(path / ".lock")
        self._metrics: IO[str] | None = None
        self._begun: float | None = None
        self._sigterm: Any = None

    @classmethod
    def create(
        cls, experiment: str, config_yaml: str, seed: int, view: View, path: Path | None = None
    ) -> Self:
        """Make the directory `path`, or the next free `runs/EXPERIMENT-0001`, and describe the run.

        Raises:
            UsageError: `path` exists; an existing run is never overwritten.
            OSError: the directory cannot be made or written.
        """
        path = _make(path) if path else _make_next(Path("runs"), experiment)
        command = provenance.command_line()
        record = {
            "experiment": experiment,
            "status": "running",
            "started": _now(),
            "command": command,
            "seed": seed,
            **provenance.describe(),
        }
        run = cls(path, record, view)
        header = f"# {command}\n# rerun: nnlab {experiment} --config {path / 'config.yaml'}\n"
        try:
            files.write_text(path / "config.yaml", header + config_yaml)
            run._write_record()
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return run

    def __enter__(self) -> Self:
        self._lock.acquire(blocking=False)
        self._sigterm = signal.signal(signal.SIGTERM, _terminate)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTERM, self._sigterm)
        self.view.close()
        if self._metrics:
            self._metrics.close()
        try:
            self._end(error)
        finally:
            self._lock.release()
        if isinstance(error, KeyboardInterrupt):
            stopped = RunTerminatedError if isinstance(error, _Terminated) else RunInterruptedError
            raise stopped(f"interrupted; {self._what_is_kept()}") from None

    def begin(self, **facts: object) -> None:
        """Say that the inputs are good and training starts; `facts` (device, data) go to run.json.

        From here on the directory stays, whatever happens.
        """
        self._begun = time.perf_counter()
        self.record |= facts
        self._write_record()
        self.view.note(f"run directory: {self.path}")

    def log(self, row: Mapping[str, float]) -> None:
        """Append one log point to metrics.csv and show it; all rows have the same columns."""
        if self._metrics is None:
            self._metrics = (self.path / "metrics.csv").open("x", encoding="utf-8", newline="")
            csv.writer(self._metrics, lineterminator="\n").writerow(row)
        csv.writer(self._metrics, lineterminator="\n").writerow(row.values())
        self._metrics.flush()
        self.view.log(row)

    def save(self, name: str, write: Callable[[Path], object]) -> None:
        """Let `write` make the file `name` of the run directory, whole or not at all."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        with files.replacing(path) as temporary:
            write(temporary)

    def finish(self, summary: Mapping[str, float]) -> None:
        """Record that training is complete, with its final metrics."""
        self.record |= {"status": "completed", "summary": dict(summary)}
        self._write_record()

    def elapsed(self) -> float:
        """Return the seconds since `begin`."""
        return 0.0 if self._begun is None else time.perf_counter() - self._begun

    def _end(self, error: BaseException | None) -> None:
        """Write how the run ended, or remove a run that never began."""
        if error and self._begun is None:
            shutil.rmtree(self.path, ignore_errors=True)
            return
        if error:
            self.record["status"] = _status(error)
            self.record["error"] = str(error) or type(error).__name__
        self.record |= {"finished": _now(), "seconds": round(self.elapsed(), 3)}
        self._write_record()

    def _what_is_kept(self) -> str:
        return "nothing had begun" if self._begun is None else f"what was logged is in {self.path}"

    def _write_record(self) -> None:
        files.write_text(self.path / "run.json", provenance.to_json(self.record))


def _make(path: Path) -> Path:
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(
            f"{path} exists, and a run is never overwritten: choose another --run-dir"
        ) from None
    return path


def _make_next(parent: Path, experiment: str) -> Path:
    """Make the next free numbered directory; mkdir itself decides between two starts at once."""
    parent.mkdir(exist_ok=True)
    taken = [p.name.rpartition("-")[2] for p in parent.glob(f"{experiment}-*")]
    number = max((int(n) for n in taken if n.isdecimal()), default=0)
    while True:
        number += 1
        path = parent / f"{experiment}-{number:04d}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _status(error: BaseException) -> str:
    if isinstance(error, DivergedError):
        return "diverged"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise _Terminated
