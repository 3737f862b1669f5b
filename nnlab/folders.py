"""Write a folder atomically: it is complete or absent."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnlab import files


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill; if the block does not raise, it becomes the folder `path`.

    If the block or a rename raises, `path` is unchanged and the temporary folder is removed. A
    crash between two renames can leave the old folder under a temporary name.

    Raises:
        OSError: the folder above cannot be written, or the disk is full.
    """
    stem = f"{files.TEMPORARY}{secrets.token_hex(8)}"
    temporary, old = (path.with_name(f"{stem}{end}") for end in ("", "-old"))
    with files.naming(path, temporary):
        temporary.mkdir()
    try:
        yield temporary
        _flush(temporary)
        _exchange(path, temporary, old)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _exchange(path: Path, new: Path, old: Path) -> None:
    """Rename the folder `path`, if it exists, to `old`, and `new` to `path`; or change nothing."""
    try:
        if path.exists():
            path.rename(old)
        new.rename(path)
        files.fsync_folder(path.parent)
    except BaseException:
        if old.exists():
            if path.exists():
                path.rename(new)
            old.rename(path)
        raise


def _flush(folder: Path) -> None:
    """Wait until all files of the folder are on the disk."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir():
            files.fsync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
