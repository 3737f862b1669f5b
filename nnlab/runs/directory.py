"""Run directories: make a new one, or lock an existing one."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from nnlab import files
from nnlab.errors import UsageError
from nnlab.runs.lockfile import HeldError, Lock
from nnlab.runs.run_json import read_record
from nnlab.text import printable, resume_line

FOLDERS = ("checkpoint", "plots", "inputs", "tensorboard")
OWN = (
    "run.json", "config.yaml", "metrics.csv", "model.npz", "report.json", "mlflow.json", ".lock",
    ".lock.held",
    *FOLDERS,
)  # fmt: skip
MOST_LINKS = 10  # named in one message


class RunDirectory:
    """A run directory. Between `lock` and `release` only this process writes to it.

    Attributes:
        path: the directory.
    """

    def __init__(self, path: Path, made_parents: list[Path] | None = None) -> None:
        self.path = path
        self._made_parents = made_parents or []  # innermost first
        self._lock = Lock(path / ".lock")

    def lock(self) -> None:
        """Become the only writer; the lock of a killed process does not count.

        Raises:
            UsageError: another process is the writer; or one of the run's own files is a link.
            OSError: the directory cannot be written.
        """
        refuse_links(self.path)
        try:
            self._lock.acquire()
        except HeldError as held:
            raise UsageError(f"{self.path}: {self._told(held)}") from None
        files.sweep(self.path)

    def release(self) -> None:
        """Let other processes write."""
        self._lock.release()

    def _told(self, held: HeldError) -> str:
        """Return which process works on the run, and what to do."""
        if held.doubt:
            return held.doubt
        process = read_record(self.path).get("process", {})
        who = " on ".join(str(process[key]) for key in ("pid", "host") if key in process)
        who = str(held.holder or f"process {who}")
        return f"{printable(who)} is working on this run; wait until it ends, or stop it"

    def remove(self) -> None:
        """Remove the directory, and the parents that were made for it if they are empty."""
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in self._made_parents:
            try:
                parent.rmdir()
            except OSError:
                return


def refuse_links(path: Path) -> None:
    """Refuse a run directory that has a link in place of a run's own file.

    Writing through the link would change a file elsewhere.

    Raises:
        UsageError: there are such links; the message names them.
    """
    links = [name for name in OWN if os.path.islink(path / name)]  # noqa: PTH114 - Path's method raises for an impossible name
    for folder in FOLDERS:
        if folder not in links and (path / folder).is_dir():
            links += [f"{folder}/{e.name}" for e in os.scandir(path / folder) if e.is_symlink()]
    if links:
        raise UsageError(
            f"{printable(path)}: a link is in the place of a run's own file: "
            f"{printable(', '.join(links[:MOST_LINKS]))}; nnlab does not write through links: "
            "remove the link, or replace it with the file"
        )


def make(path: Path) -> RunDirectory:
    """Make the directory `path` and its missing parents.

    Raises:
        UsageError: `path` exists (a run is never overwritten), or one of its parents is a file.
        OSError: it cannot be made.
    """
    missing = [parent for parent in path.parents if not parent.exists()]
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        instead = "choose another --run-dir"
        if (path / "run.json").is_file():
            instead += f", or resume the run: {resume_line(path)}"
        raise UsageError(f"{path} exists, and nnlab never overwrites a run: {instead}") from None
    except NotADirectoryError:
        raise UsageError(
            f"{path}: a parent of this path is a file: choose another directory"
        ) from None
    return RunDirectory(path, missing)


def make_named(path: Path) -> RunDirectory:
    """Make the directory `path` that a user named; see `make`.

    Raises:
        UsageError: as in `make`; or a process is working on a run there.
    """
    if (path / "run.json").is_file():
        directory = RunDirectory(path)
        with suppress(OSError):
            directory.lock()
        directory.release()
    return make(path)


def make_next(parent: Path, name: str) -> RunDirectory:
    """Make the next free `parent/NAME-0001`; of two runs that start at once, mkdir gives it to one.

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
            if not path.exists():  # not taken: the parent cannot be used
                raise
