"""Make the directory of a new run, of which no other process gets the same, and take it back."""

import re
import shutil
from pathlib import Path

from nnlab.errors import UsageError


class RunDirectory:
    """A directory that was made just now.

    Attributes:
        path: the directory.
    """

    def __init__(self, path: Path, made_parents: list[Path]) -> None:
        self.path = path
        self._made_parents = made_parents  # innermost first

    def remove(self) -> None:
        """Remove the directory, and those of its parents that were made for it and are empty."""
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in self._made_parents:
            try:
                parent.rmdir()
            except OSError:
                return


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
        raise UsageError(
            f"{path} exists, and a run is never overwritten: choose another --run-dir"
        ) from None
    except NotADirectoryError:
        raise UsageError(
            f"{path}: a part of this path is a file: choose another --run-dir"
        ) from None
    return RunDirectory(path, missing)


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
