"""The directory of a study: the one place that reads and writes its files.

    studies/NAME-0001/
      study.json           what was asked, and how it stands
      runs/PART_ARM_s0/    an ordinary run directory for each part, arm and seed
      measured/            the readings of each run
      prediction.json      what was foretold before the runs that test it
      results.csv, verdicts.json, *.png, report.html

The runs are the truth: everything below them can be made again from them.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from nnlab import files, inputs
from nnlab.config.faults import first_fault
from nnlab.config.strict import StrictModel
from nnlab.errors import DataError, UsageError
from nnlab.runs import provenance
from nnlab.runs.directory import make_next
from nnlab.runs.lockfile import HeldError, Lock
from nnlab.study.load import OWN
from nnlab.study.plan import MOST_SEEDS, Planned, Settings
from nnlab.study.results import Reading, Row
from nnlab.study.study import LEAST_SEEDS
from nnlab.text import printable

STUDIES = Path("studies")
MOST_BYTES = 100_000_000  # of a file of readings; those of a long curve are some megabytes
Status = Literal["running", "completed", "interrupted", "failed"]


class StudyRecord(StrictModel):
    """study.json.

    Attributes:
        study: the study's name.
        reference: what loads it (`nnlab.study.load.load`).
        digest: SHA-256 of its file when it began.
        seeds, quick, full, engine: as in `nnlab.study.plan.Settings`.
        status: how it stands.
        command: what started it.
        versions, git_commit, machine: as in run.json.
    """

    study: str
    reference: str
    digest: str
    seeds: int = Field(ge=LEAST_SEEDS, le=MOST_SEEDS)
    quick: bool
    full: bool
    engine: str
    status: Status
    command: str
    versions: dict[str, str]
    git_commit: str | None
    machine: dict[str, Any]

    @property
    def settings(self) -> Settings:
        """How large the study is."""
        return Settings(self.seeds, self.quick, self.full, self.engine)


class StudyDirectory(AbstractContextManager["StudyDirectory"]):
    """The directory of a study. Inside its `with` block, this process is the only writer.

    Attributes:
        path: the directory.
        record: what study.json holds.
    """

    def __init__(self, path: Path, record: StudyRecord) -> None:
        self.path, self.record = path, record
        self._lock = Lock(path / ".lock")

    @classmethod
    def make(cls, parent: Path, record: StudyRecord) -> Self:
        """Make the next free `parent/NAME-0001`. Raises OSError if it cannot be made."""
        directory = cls(make_next(parent, record.study).path, record)
        directory._write_record()
        for name in ("runs", "measured"):
            (directory.path / name).mkdir()
        return directory

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the directory of a study that was begun.

        Raises:
            UsageError: it holds no study, or study.json is damaged.
        """
        try:
            raw = inputs.read(path / "study.json", MOST_BYTES, "a study.json")
            return cls(path, StudyRecord.model_validate_json(raw))
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(
                f"{printable(path)} is no directory of a study: it has no study.json; "
                "name one such as studies/gradient-0001"
            ) from None
        except OSError as error:
            raise UsageError(f"{printable(path)}: {error.strerror}") from None
        except ValueError as error:
            reason = first_fault(error) if isinstance(error, ValidationError) else error
            raise UsageError(
                f"{path / 'study.json'} is damaged: {reason}; its runs are whole: start the study "
                "again, and it uses them"
            ) from None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire()
        except HeldError as held:
            said = held.doubt or f"{held.holder or 'another process'} is working on this study"
            raise UsageError(f"{self.path}: {said}; wait until it ends, or stop it") from None
        files.sweep(self.path)
        (self.path / "runs").mkdir(exist_ok=True)
        (self.path / "measured").mkdir(exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def is_own(self) -> bool:
        """Whether a file of the user's declares the study: a program that must be trusted."""
        return self.record.reference.endswith(OWN)

    def command(self, word: Literal["resume", "show"]) -> str:
        """Return the command that goes on with the study, or shows it; ready for a shell."""
        own = ["--file", self.record.reference] if self.is_own else []
        return shlex.join(["nnlab", "study", word, str(self.path), *own])

    def again(self, seeds: int | None = None) -> str:
        """Return the command that makes the study again from this folder, ready for a shell.

        Args:
            seeds: another number of seeds, for a study that is no smoke test.
        """
        name = _from_here(Path(self.record.reference)) if self.is_own else self.record.reference
        folder = _from_here(self.path.parent)
        elsewhere = [] if folder == str(STUDIES) else ["--studies-dir", folder]
        return shlex.join(["nnlab", "study", name, *self.size(seeds), *elsewhere])

    def size(self, seeds: int | None = None) -> list[str]:
        """Return the options that ask for its size, or for a whole study of so many seeds."""
        small = ["--quick"] * (self.record.quick and seeds is None)
        return ["--seeds", str(seeds or self.record.seeds), *["--full"] * self.record.full, *small]

    @contextmanager
    def working(self) -> Iterator[None]:
        """Note that the study is running, and in the end how the block ended."""
        self.note("running")
        try:
            yield
        except Exception:
            self.note("failed")
            raise
        except BaseException:
            self.note("interrupted")
            raise
        self.note("completed")

    def run_dir(self, run: Planned) -> Path:
        """Return the run directory of a planned run."""
        return self.path / "runs" / run.name

    def measured(self, run: Planned) -> Path:
        """Return the file with the readings of a run."""
        return self.path / "measured" / f"{run.name}.json"

    def rows(self, run: Planned) -> list[Row] | None:
        """Return the rows of a measured run; None if it has not been measured.

        Raises:
            DataError: the file cannot be read, or is damaged.
        """
        path = self.measured(run)
        try:
            read = json.loads(inputs.read(path, MOST_BYTES, "a file of readings"))
            readings = [Reading(str(m), float(value), str(at)) for m, value, at in read]
            _check(readings)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise DataError(
                f"{path} is damaged: remove it, and it is measured again on its run"
            ) from None
        return [Row(run.part, run.arm, run.seed, m, at, v, run.name) for m, v, at in readings]

    def note(self, status: Status) -> None:
        """Write how the study stands."""
        self.record = self.record.model_copy(update={"status": status})
        self._write_record()

    def write(self, name: str, text: str) -> None:
        """Write the file `name` of the study, completely or not at all."""
        files.write_text(self.path / name, text)

    def _write_record(self) -> None:
        self.write("study.json", provenance.to_json(self.record.model_dump(mode="json")))


def _from_here(path: Path) -> str:
    """Return a path as it is typed in the folder where the user is."""
    whole, here = path.absolute().resolve(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def _check(readings: Sequence[Reading]) -> None:
    """Raise ValueError unless the readings are those of one run: each measured once."""
    places = {(measure, at) for measure, _, at in readings}
    if len(places) < len(readings) or ("diverged", "") not in places:
        raise ValueError("these are not the readings of one run")
