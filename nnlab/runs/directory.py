"""Run directories: make a new one, that no other process gets, or take over one that is there."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from nnlab import files
from nnlab.errors import UsageError
from nnlab.runs.lockfile import HeldError, Lock
from nnlab.runs.saved import read_record
from nnlab.text import printable, resume_line

FOLDERS = ("checkpoint", "plots", "inputs")
OWN = ("run.json", "config.yaml", "metrics.csv", "model.npz", ".lock", ".lock.held", *FOLDERS)
MOST_LINKS = 10  # named in one message


class RunDirectory:
    """A directory of which this process is the one writer, from `lock` to `release`.

    Attributes:
        path: the directory.
    """

    def __init__(self, path: Path, made_parents: list[Path] | None = None) -> None:
        self.path = path
        self._made_parents = made_parents or []  # innermost first
        self._lock = Lock(path / ".lock")

    def lock(self) -> None:
        """Become the one writer; a killed writer's lock has freed itself.

        Raises:
            UsageError: another process is that; or one of the run's own files is a link.
            OSError: the directory cannot be written.
        """
        refuse_links(self.path)
        try:
            self._lock.acquire()
        except HeldError as held:
            raise UsageError(f"{self.path}: {self._told(held)}") from None
        files.sweep(self.path)

    def release(self) -> None:
        """Let others write."""
        self._lock.release()

    def _told(self, held: HeldError) -> str:
        """Return who works on the run, and what to do about it."""
        if held.doubt:
            return held.doubt
        process = read_record(self.path).get("process", {})
        who = " on ".join(str(process[key]) for key in ("pid", "host") if key in process)
        who = str(held.holder or f"process {who}")
        return f"{printable(who)} is working on this run; wait for it, or stop it first"

    def remove(self) -> None:
        """Remove the directory, and those of its parents that were made for it and are empty."""
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in self._made_parents:
            try:
                parent.rmdir()
            except OSError:
                return


def refuse_links(path: Path) -> None:
    """Refuse a run directory in which a file of the run's own is a link: whose would we write?

    Raises:
        UsageError: there is one; it is named.
    """
    links = [name for name in OWN if os.path.islink(path / name)]  # noqa: PTH114 - Path's raises for a name that cannot be
    for folder in FOLDERS:
        if folder not in links and (path / folder).is_dir():
            links += [f"{folder}/{e.name}" for e in os.scandir(path / folder) if e.is_symlink()]
    if links:
        raise UsageError(
            f"{printable(path)}: a link stands in the place of a run's own file: "
            f"{printable(', '.join(links[:MOST_LINKS]))}; nnlab does not write through links: "
            "put the file itself there, or remove the link"
        )


def make(path: Path) -> RunDirectory:
    """Make the directory `path` and the parents that it needs.

    Raises:
        UsageError: `path` exists (an existing run is never overwritten), or leads through a file.
        OSError: it cannot be made.
    """
    missing = [parent for parent in path.parents if not parent.exists()]
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        instead = "choose another --run-dir"
        if (path / "run.json").is_file():
            instead += f", or go on with it: {resume_line(path)}"
        raise UsageError(f"{path} exists, and a run is never overwritten: {instead}") from None
    except NotADirectoryError:
        raise UsageError(
            f"{path}: a part of this path is a file: choose another --run-dir"
        ) from None
    return RunDirectory(path, missing)


def make_named(path: Path) -> RunDirectory:
    """Make the directory `path` that a person named; see `make`.

    Raises:
        UsageError: as `make`; or a process is working on a run there.
    """
    if (path / "run.json").is_file():
        directory = RunDirectory(path)
        with suppress(OSError):
            directory.lock()
        directory.release()
    return make(path)


def make_next(parent: Path, name: str) -> RunDirectory:
    """Make the next free `parent/NAME-0001`; mkdir itself decides between two starts at once.

    Raises:
        OSError: it cannot be made.
    """
    pattern = re.compile(re.escape(name) + r"-(\d+)")
    taken = [match for p in parent.glob(f"{name}-*") if (match := pattern.fullmatch(p.name))]
    number = max((int(match[1]) for match in taken), default=0)
    while True:
        number += 1
        path = parent / f"{name}-{number:04d}"
        try:
            return make(path)
        except UsageError:
            if not path.exists():  # it is the way there that cannot be used
                raise
