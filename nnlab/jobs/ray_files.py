"""The files of a task, as they travel between driver and node."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from nnlab.errors import NnlabError
from nnlab.files import TEMPORARY, fsync_folder
from nnlab.text import printable

Files = dict[str, bytes]
"""Path relative to the home of a task, with slashes -> the content of the file."""

STAYS = (".lock", TEMPORARY)  # the start of a name that is of use to its own process only


def collected(home: Path, writes: Sequence[str]) -> Files:
    """Return the files in `home` that are in `writes`.

    They may be of a run that is running. So those in folders are read first, and the others by
    name: a checkpoint before metrics.csv, as its rows are written before it, and run.json last. A
    file that vanishes meanwhile is left out: a run renames its last checkpoint to `previous`.
    """
    found = {}
    for path in _files(home, writes):
        with suppress(FileNotFoundError):
            found[path.relative_to(home).as_posix()] = path.read_bytes()
    return found


def stamps(home: Path, writes: Sequence[str]) -> set[tuple[str, int, int]]:
    """Return what changes when a file in `writes` does: names, sizes, times in nanoseconds."""
    found = set()
    for path in _files(home, writes):
        with suppress(FileNotFoundError):
            status = path.stat()
            found.add((str(path), status.st_size, status.st_mtime_ns))
    return found


def placed(files: Files, home: Path, *, flush: bool = False) -> None:
    """Write files into the folder `home`, which nobody else uses yet.

    Args:
        files: the files.
        home: the folder.
        flush: whether to wait until the bytes are on the disk.
    """
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            if flush:
                file.flush()
                os.fsync(file.fileno())


def received(files: Files, home: Path, writes: Sequence[str]) -> None:
    """Put files from a node in place of what `home` has of `writes`.

    Each entry of `writes` is replaced as a whole, and removed if the node has nothing of it. Only
    one thread may do so for the same entries, and no other process.

    Raises:
        NnlabError: a name is not in `writes`.
        OSError: `home` cannot be written.
    """
    for name in files:
        sent = PurePosixPath(name)
        if ".." in sent.parts or not any(sent.is_relative_to(each) for each in writes):
            raise NnlabError(f"a node sent the file {printable(name)}, which is not of its task")
    new = home / f"{TEMPORARY}{secrets.token_hex(8)}"
    new.mkdir()
    try:
        placed(files, new, flush=True)
        for number, each in enumerate(writes):
            path = home / each
            with suppress(FileNotFoundError):
                path.rename(new / f"{TEMPORARY}{number}")
            if (new / each).exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                (new / each).rename(path)
                fsync_folder(path.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def swept(home: Path) -> None:
    """Remove what `received` left in `home` when it was killed."""
    for left in home.glob(f"{TEMPORARY}*/"):
        shutil.rmtree(left, ignore_errors=True)


def _files(home: Path, writes: Sequence[str]) -> Iterator[Path]:
    """Yield the plain files in `writes`; of a folder first those in its folders."""
    for each in writes:
        if (path := home / each).is_dir():
            yield from _inside(path)
        elif path.is_file():
            yield path


def _inside(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        names = sorted(
            (entry for entry in os.scandir(folder) if not entry.name.startswith(STAYS)),
            key=lambda entry: (not entry.is_dir(follow_symlinks=False), entry.name),
        )
        for entry in names:
            if entry.is_dir(follow_symlinks=False):
                yield from _inside(Path(entry))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry)
