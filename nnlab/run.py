"""Run: one directory that holds all of a training run. Only this module writes into it."""

import csv
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from filelock import FileLock

from nnlab import files, provenance
from nnlab.config import Resolved
from nnlab.console import View
from nnlab.errors import DivergedError
from nnlab.rundirs import make, make_next
from nnlab.signals import name_of, raise_on_sigterm, stopped
from nnlab.text import printable

RUNS = Path("runs")


class Run(AbstractContextManager["Run"]):
    """A training run and its directory.

    As a context manager it holds the directory's lock and, however the block ends, records how:
    completed, diverged, interrupted or failed. A run whose inputs turn out unusable before
    `begin` leaves no directory.

    Entering it makes the directory: `path`, or the next free `runs/EXPERIMENT-0001`. That raises
    UsageError where `path` exists (an existing run is never overwritten), and OSError where the
    directory cannot be made or written.

    Attributes:
        path: the run directory, made on entering.
        record: what run.json holds.
        view: where a person sees how it goes.
    """

    def __init__(
        self, experiment: str, resolved: Resolved[Any], view: View, path: Path | None = None
    ) -> None:
        command = provenance.command_line()
        self.view = view
        self.record: dict[str, Any] = {
            "experiment": experiment,
            "status": "running",
            "started": _now(),
            "command": command,
            "seed": resolved.config.model_dump()["seed"],
            **provenance.describe(),
        }
        self._asked = path
        self._name = resolved.config.run_name(experiment)
        self._config_yaml = f"# {printable(command)}\n\n{resolved.yaml()}"
        self._metrics: IO[str] | None = None
        self._begun: float | None = None

    def __enter__(self) -> Self:
        self._sigterm = raise_on_sigterm()
        try:
            self._directory = make(self._asked) if self._asked else make_next(RUNS, self._name)
            self.path = self._directory.path
            try:
                self._lock = FileLock(self.path / ".lock")
                self._lock.acquire(blocking=False)
                files.write_text(self.path / "config.yaml", self._config_yaml)
                self._write_record()
            except BaseException:
                self._directory.remove()
                raise
        except BaseException as error:
            signal.signal(signal.SIGTERM, self._sigterm)
            self._raise_if_interrupted(error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGTERM, self._sigterm)
        self.view.close()
        try:
            if self._metrics:
                with files.naming(self.path / "metrics.csv"):
                    self._metrics.close()
        finally:
            self._end(error)
            self._lock.release()
        if error:
            self._raise_if_interrupted(error)

    def begin(self, **facts: object) -> None:
        """Say that the inputs are good and training starts; `facts` (device, data) go to run.json.

        From here on the directory stays, whatever happens.
        """
        self._begun = time.perf_counter()
        self.record |= facts
        self._write_record()
        self.view.note(f"run directory: {self.path}")

    @property
    def begun(self) -> bool:
        """Whether training has started, so that the directory stays."""
        return self._begun is not None

    def log(self, row: Mapping[str, float]) -> None:
        """Append one log point to metrics.csv and show it; all rows have the same columns."""
        path = self.path / "metrics.csv"
        with files.naming(path):
            if self._metrics is None:
                self._metrics = path.open("x", encoding="utf-8", newline="")
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
        """Record that all is done and written, with the final metrics."""
        self.record |= {"status": "completed", "summary": dict(summary)}

    def elapsed(self) -> float:
        """Return the seconds since `begin`."""
        return 0.0 if self._begun is None else time.perf_counter() - self._begun

    def _end(self, error: BaseException | None) -> None:
        """Write how the run ended, or remove a run that never began."""
        if error and not self.begun:
            self._directory.remove()
            return
        if error:
            self.record["status"] = _status(error)
            said = name_of(error) if isinstance(error, KeyboardInterrupt) else str(error)
            self.record["error"] = said or type(error).__name__
        self.record |= {"finished": _now(), "seconds": round(self.elapsed(), 3)}
        self._write_record()

    def _raise_if_interrupted(self, error: BaseException) -> None:
        """Turn Ctrl-C and SIGTERM into the error that says what is kept."""
        if isinstance(error, KeyboardInterrupt):
            kept = "nothing had begun"
            if self.begun:
                kept = f"what was logged is in {printable(self.path)}"
            raise stopped(error, kept) from None

    def _write_record(self) -> None:
        files.write_text(self.path / "run.json", provenance.to_json(self.record))


def _status(error: BaseException) -> str:
    if isinstance(error, DivergedError):
        return "diverged"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
