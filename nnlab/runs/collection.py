"""A directory of many runs, with a record of what was asked: a study, or a sweep."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import ValidationError

from nnlab import files, inputs
from nnlab.config.faults import first_fault
from nnlab.config.strict import StrictModel
from nnlab.errors import UsageError
from nnlab.runs import provenance
from nnlab.runs.directory import RunDirectory, make_named, make_next
from nnlab.runs.lockfile import HeldError, Lock
from nnlab.text import printable

MOST_BYTES = 100_000_000  # of a record; the space of a sweep may list many values
Status = Literal["running", "completed", "interrupted", "failed"]


class CollectionRecord(StrictModel):
    """The record of a collection, a JSON file.

    Attributes:
        status: how it stands.
        command: what started it.
        versions, git_commit, machine: as in run.json.
    """

    status: Status
    command: str
    versions: dict[str, str]
    git_commit: str | None
    machine: dict[str, Any]


AnyRecord = TypeVar("AnyRecord", bound=CollectionRecord)


class Collection(AbstractContextManager["Collection[Any]"], Generic[AnyRecord]):
    """The directory of a collection. Inside its `with` block, this process is the only writer.

    Attributes:
        path: the directory.
        record: what was asked, and how it stands.
    """

    kind: ClassVar[str]
    """What it is, "study"; the record is the file KIND.json."""
    model: ClassVar[type[CollectionRecord]]
    """The class of its record."""
    folders: ClassVar[tuple[str, ...]] = ("runs",)
    """Folders that it always has."""
    example: ClassVar[str]
    """A directory as a user may name it, for a message."""
    lost: ClassVar[str]
    """What to do if the record is damaged; {path} is the directory."""

    def __init__(self, path: Path, record: AnyRecord) -> None:
        self.path, self.record = path, record
        self._lock = Lock(path / ".lock")

    @classmethod
    def _begun(cls, made: RunDirectory, record: AnyRecord) -> Self:
        """Write the record and make the folders of a directory that was just made."""
        collection = cls(made.path, record)
        collection._write_record()
        collection._make_folders()
        return collection

    @classmethod
    def make_next(cls, parent: Path, name: str, record: AnyRecord) -> Self:
        """Make the next free `parent/NAME-0001`. Raises OSError if it cannot be made."""
        return cls._begun(make_next(parent, name), record)

    @classmethod
    def make_named(cls, path: Path, record: AnyRecord) -> Self:
        """Make the directory `path`.

        Raises:
            UsageError: it exists.
            OSError: it cannot be made.
        """
        return cls._begun(make_named(path), record)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a directory that was begun.

        Raises:
            UsageError: it is none of this kind, or its record is damaged.
        """
        file = path / f"{cls.kind}.json"
        try:
            raw = inputs.read(file, MOST_BYTES, f"a {file.name}")
            record: Any = cls.model.model_validate_json(raw)
            return cls(path, record)
        except (FileNotFoundError, NotADirectoryError):
            such = f"; name one such as {cls.example}" * (Path(cls.example).name != path.name)
            raise UsageError(
                f"{printable(path)} is no directory of a {cls.kind}: it has no {file.name}{such}"
            ) from None
        except OSError as error:
            raise UsageError(f"{printable(path)}: {error.strerror}") from None
        except ValueError as error:
            reason = first_fault(error) if isinstance(error, ValidationError) else error
            raise UsageError(
                f"{printable(file)} is damaged: {reason}; " + cls.lost.format(path=printable(path))
            ) from None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire()
        except HeldError as held:
            said = (
                held.doubt or f"{held.holder or 'another process'} is working on this {self.kind}"
            )
            raise UsageError(f"{self.path}: {said}; wait until it ends, or stop it") from None
        files.sweep(self.path)
        self._make_folders()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._lock.release()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Note that the work is running, and in the end how the block ended."""
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

    def note(self, status: Status) -> None:
        """Write how the work stands."""
        self.record = self.record.model_copy(update={"status": status})
        self._write_record()

    def write(self, name: str, text: str) -> None:
        """Write the file `name`, completely or not at all."""
        files.write_text(self.path / name, text)

    def _make_folders(self) -> None:
        for name in self.folders:
            (self.path / name).mkdir(exist_ok=True)

    def _write_record(self) -> None:
        text = provenance.to_json(self.record.model_dump(mode="json"))
        self.write(f"{self.kind}.json", text)


def meant(kind: str, path: Path, parent: Path) -> Path:
    """Return the directory for its path, its name in `parent`, or `last`, the newest there.

    Raises:
        UsageError: it is `last`, and there is none.
    """
    if (path / f"{kind}.json").exists():
        return path
    if str(path) == "last" and (found := begun(kind, parent)):
        return max(found, key=lambda each: (each / f"{kind}.json").stat().st_mtime_ns)
    if (parent / path / f"{kind}.json").exists():
        return parent / path
    if str(path) == "last":
        raise UsageError(f"there is no {kind} in {printable(parent)} yet")
    return path


def begun(kind: str, parent: Path) -> list[Path]:
    """Return the directories of this kind in a folder, by name."""
    return sorted(file.parent for file in parent.glob(f"*/{kind}.json"))


def from_here(path: Path) -> str:
    """Return a path as it is typed in the folder where the user is."""
    whole, here = path.absolute().resolve(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
