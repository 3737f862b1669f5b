"""Write a file whole or not at all: the one way in which nnlab writes a file that matters."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path, *, keep: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `path`; when the block ends well, it takes `path`'s place.

    A reader sees the old file or the whole new one, never a part, also after a crash: the bytes
    reach the disk (fsync) before the rename, and the rename before we return. When the block
    raises, `path` is as it was and nothing else is left. The temporary name keeps the suffixes
    of `path`, because some writers choose the format by them.

    Args:
        path: the file.
        keep: where the old file goes, if it is to be kept. A crash between the two renames leaves
            it there and nothing at `path`.

    Raises:
        OSError: the folder cannot be written, or the disk is full; it names `path`.
    """
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        with naming(path, temporary):
            yield temporary
            fsync(temporary)
            if keep and path.exists():
                path.replace(keep)
            temporary.replace(path)
            fsync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def naming(path: Path, temporary: Path | None = None) -> Iterator[None]:
    """Let an OSError that leaves the block name `path`: not `temporary`, and not nothing."""
    try:
        yield
    except OSError as error:
        if error.filename in {None, str(temporary)}:
            error.filename = str(path)
        raise


def write_bytes(path: Path, *parts: bytes | memoryview, keep: Path | None = None) -> None:
    """Write `parts`, one after the other, to `path`, whole or not at all (see `replacing`)."""
    with replacing(path, keep=keep) as temporary, temporary.open("wb") as file:
        file.writelines(parts)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all (see `replacing`)."""
    write_bytes(path, text.encode())


def fsync(path: Path) -> None:
    """Wait until the file or folder at `path` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
