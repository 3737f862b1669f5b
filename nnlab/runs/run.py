"""Run: writes the directory of one training run. Experiments write their files only through it."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from nnlab import files
from nnlab.config.resolve import Resolved
from nnlab.console.view import View
from nnlab.errors import DivergedError, NnlabError
from nnlab.runs.checkpoint_file import About, AnyFacts, Arrays, Checkpoint, Expected, Facts
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.columns import Columns, Row, rows
from nnlab.runs.directory import RunDirectory, make_named, make_next
from nnlab.runs.listeners.listener import Listener, Listeners
from nnlab.runs.metrics import Metrics
from nnlab.runs.record import RunRecord
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun
from nnlab.runs.signals import Interrupted, Paused, Signals
from nnlab.runs.verdict import Verdict
from nnlab.text import printable, resume_line


class Run(AbstractContextManager["Run"]):
    """A training run and its directory.

    As a context manager it holds the directory's lock. When the block ends, run.json says how:
    completed, diverged, interrupted or failed. If a new run fails before `begin`, its directory is
    removed; a resumed run stays as it was.

    Entering the context makes the directory `path`, or the next free `parent/EXPERIMENT-0001`. With
    `resume` it takes over the run in `path`. It raises UsageError if a new `path` exists (a run is
    never overwritten) or another process is working on the run, and OSError if the directory
    cannot be made or written.

    `listeners` hear what the run logs.

    Without `pictures`, experiments draw none; `nnlab resume` of the finished run draws them.

    With `until`, the run pauses once it has so many log points, unless it ends there: the block
    ends without an error, and run.json says "interrupted". A resume goes on with it.

    `signals` are shared by runs that are trained together; the caller enters and leaves them.

    Attributes:
        pictures: whether to draw pictures.
        path: the run directory; it exists after entering.
        view: shows the progress.
        signals: Ctrl-C and similar signals; training holds them while a step is not complete.
    """

    def __init__(  # noqa: PLR0913 - all but three have a default
        self,
        experiment: str,
        resolved: Resolved[Any],
        view: View,
        *,
        command: str,
        path: Path | None = None,
        parent: Path = RUNS,
        resume: bool = False,
        listeners: Iterable[Listener] = (),
        pictures: bool = True,
        signals: Signals | None = None,
        until: int | None = None,
    ) -> None:
        self.view = view
        self.pictures = pictures
        self.path = path or parent
        self.signals = signals or Signals(view)
        self._heeding = nullcontext() if signals else self.signals
        self._experiment, self._parent = experiment, parent
        self._record = RunRecord(experiment, resolved, command)
        self._listeners = Listeners(listeners, view.note)
        self._resolved = resolved
        self._config: dict[str, Any] = resolved.config.model_dump(mode="json")
        self._asked, self._resume, self._until = path, resume, until
        self._directory: RunDirectory | None = None
        self._begun: float | None = None
        self._spent = 0.0  # seconds of training in earlier processes
        self._paused = 0.0  # seconds since `begin` that are no training

    def __enter__(self) -> Self:
        self._heeding.__enter__()
        try:
            with self.signals.held():
                self._open()
        except BaseException as error:
            with suppress(OSError):
                self._give_up()
            self._heeding.__exit__(None, None, None)
            self._advise(error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        self.signals.hold()
        self.view.close()
        try:
            self._end(error)
        except OSError as fault:
            if error is None:  # otherwise the first error is reported
                self._record.fail()
                self._advise(fault)
                raise
        finally:
            if self._directory:
                self._directory.release()
            self._heeding.__exit__(None, None, None)
        if error:
            self._advise(error)
        return isinstance(error, Paused)

    def restore(self, like: Arrays, facts: type[AnyFacts]) -> Checkpoint[AnyFacts] | None:
        """Return the newest good checkpoint of a resumed run; its rows are taken over.

        Args:
            like: arrays with the names, shapes and types that the checkpoint must have.
            facts: the model of the data that a checkpoint has besides arrays.

        Returns:
            The checkpoint; None if there is no checkpoint: training then starts at the beginning.

        Raises:
            DataError: there are checkpoints, but none can be used.
            UsageError: the checkpoint belongs to another config.
        """
        self._checkpoints.expect(Expected(like, facts, self._resolved.config))
        if not self._resume:
            return None

        def take(found: Checkpoint[AnyFacts]) -> None:
            self._metrics.take(found.about.rows, found.about.columns)

        found = self._checkpoints.newest(take, self.view.note)
        if found is None:
            self.view.note("there is no checkpoint: starting at the beginning")
            return None
        self._spent = found.about.seconds
        return found

    def begin(self, **facts: object) -> None:
        """Start training, after all inputs were checked; `facts` (device, data) go to run.json.

        From now on the directory is kept, whatever happens.
        """
        self.signals.check()  # a library may have caught the KeyboardInterrupt
        self._begun = time.perf_counter()
        if self._resume:
            self._metrics.cut()
            if not self.pictures:  # those of a state before this one
                shutil.rmtree(self.path / "plots", ignore_errors=True)
        for note in [f"run directory: {self.path}", *self._record.begin(facts)]:
            self.view.note(note)
        with self.untimed(), self.signals.held():
            self._listeners.begin(self.saved())

    def saved(self) -> SavedRun:
        """Return the run for reading, with run.json as this process knows it."""
        return SavedRun(self.path, self._record.data)

    @property
    def inputs(self) -> dict[str, str]:
        """Config key -> SHA-256 of the input file at the start of the run; empty for a new run."""
        return self._record.inputs

    @property
    def begun(self) -> bool:
        """Whether training has started; the directory is then kept."""
        return self._begun is not None

    @property
    def last(self) -> Row:
        """The last row logged so far, also by an earlier process; empty if there is none."""
        return self._metrics.last

    def columns(self, *names: str) -> Columns:
        """Read back some columns of all rows logged so far, also by earlier processes."""
        return self._metrics.columns(names)

    @property
    def history(self) -> list[Row]:
        """All rows logged so far, for an experiment that logs few."""
        return list(rows(self._metrics.columns()))

    def log(self, row: Mapping[str, float]) -> None:
        """Append one log point to metrics.csv and show it. All rows have the same columns."""
        self._metrics.append(row)
        self.view.log(row)
        with self.untimed():
            self._listeners.log(self.last)

    def pause(self) -> None:
        """End the run here if it has the log points that it should have.

        Call it where the state can be saved, or is saved already.

        Raises:
            Paused: it has them.
        """
        if self._until is not None and self._metrics.count >= self._until:
            raise Paused(f"paused at log point {self._metrics.count:,}")

    @property
    def checkpoint_due(self) -> bool:
        """Whether it is time for a checkpoint: at most one per second, fewer if writing is slow."""
        return self._checkpoints.due

    def checkpoint(self, arrays: Arrays, facts: Facts, *, best: bool = False) -> None:
        """Save the state of training as `last`, and also as `best` if it is the best so far.

        Raises:
            OSError: it cannot be written; the earlier checkpoints are still good.
        """
        self._metrics.sync()
        about = About(
            config=self._config,
            rows=self._metrics.count,
            columns=list(self.last),
            seconds=self.elapsed(),
            facts=facts,
        )
        self._checkpoints.write(Checkpoint(arrays, about), best=best)

    def best(self, wanted: Callable[[Any], bool]) -> Checkpoint[Any]:
        """Return the best checkpoint: the first whose facts are `wanted`. Call `restore` first.

        Raises:
            DataError: it is missing or damaged.
        """
        return self._checkpoints.find(wanted)

    def save(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Write the file `name` of the run directory with `write`, completely or not at all."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        with files.replacing(path, follow=path.parent == self.path) as file:
            write(file)

    def finish(self, summary: Mapping[str, float], **results: object) -> None:
        """Record that the run is complete: its final metrics, and other `results`.

        A result named `report`, a list of lines, is printed instead of the metrics.
        """
        self.signals.hold()
        self._record.finish(summary, results)

    def summarize(self, summary: Mapping[str, float]) -> None:
        """Record the metrics of a run that ends here, the headline first; it may be unfinished."""
        self._record.summarize(summary)

    def judge(self, verdict: Verdict) -> None:
        """Record whether the network learned; show it now if it did not."""
        self._record.judge(verdict.line)
        if not verdict.learned:
            self.view.note(verdict.line)

    def elapsed(self) -> float:
        """Return the seconds of training, including the time before a resume."""
        now = 0.0 if self._begun is None else time.perf_counter() - self._begun - self._paused
        return self._spent + now

    @contextmanager
    def untimed(self) -> Iterator[None]:
        """Leave what is done inside out of the seconds of training; call `begin` first."""
        before = time.perf_counter()
        try:
            yield
        finally:
            self._paused += time.perf_counter() - before

    def _open(self) -> None:
        """Make or find the directory, lock it, and write that this process works on the run."""
        if self._asked is None:
            name = self._resolved.config.run_name(self._experiment)
            self._directory = make_next(self._parent, name)
        else:
            self._directory = RunDirectory(self._asked) if self._resume else make_named(self._asked)
        self.path = self._directory.path
        self._metrics = Metrics(self.path / "metrics.csv")
        self._checkpoints = Checkpoints(self.path / "checkpoint")
        self._directory.lock()
        if self._resume:
            self._record.take_over(self.path)
        else:
            self._record.create(self.path)

    def _end(self, error: BaseException | None) -> None:
        """Write how the run ended; undo everything if it never began."""
        if error and not self.begun:
            self._give_up()
            return
        try:
            self._metrics.close()
        finally:
            try:
                self._record.end(error, self.elapsed())
            finally:
                self._listeners.end(self.saved())

    def _give_up(self) -> None:
        """Restore the file system to its state before entering."""
        if self._directory is None:
            return
        try:
            if self._resume:
                self._record.put_back()
            else:
                self._directory.remove()
        finally:
            self._directory.release()

    def _advise(self, error: BaseException) -> None:
        """Add to the error that ended the run: what is saved, and how to continue.

        Raises:
            StoppedError: a signal ended the run, or arrived while it paused.
            NnlabError: the run directory is gone.
        """
        kept = "nothing had begun"
        if self.begun or self._resume:
            kept = f"to go on: {resume_line(self.path)}"
        stop = self.signals.came if isinstance(error, Paused) else error
        if isinstance(stop, Interrupted):
            raise stop.as_error(kept) from None
        if isinstance(error, Paused) or not self.begun:
            return
        if isinstance(error, OSError) and not self.path.is_dir():
            raise NnlabError(
                f"{self.path}: the run directory has vanished, and with it what was saved"
            ) from error
        if isinstance(error, OSError):
            error.add_note(f"what was saved before is good; once that is mended, {kept}")
        else:
            error.add_note(f"run directory: {printable(self.path)}")
        last = self._checkpoints.path("last")
        if isinstance(error, DivergedError) and last.exists():
            error.add_note(f"the state before, still finite, is kept in {printable(last)}")
