"""Write files atomically: a reader or a crash sees the old file or the complete new one.

Another user may own the folder and put links into it while nnlab writes. So the temporary file has
a name that nobody can guess, must not exist before (O_EXCL), and is written through its open
descriptor; and every name is looked up in the folder that was opened at the start.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from nnlab.errors import UsageError

TEMPORARY = ".tmp-"  # start of the name of an incomplete file
CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


@contextmanager
def replacing(path: Path, *, keep: Path | None = None, follow: bool = True) -> Iterator[BinaryIO]:
    """Yield a temporary file to write; if the block does not raise, it replaces `path`.

    A reader sees the old file or the complete new one, also after a crash: the bytes are on the
    disk (fsync) before the rename, and the rename is on the disk before this returns. If the block
    raises, `path` is unchanged and the temporary file is removed. The file's `name` is its path,
    which keeps the suffixes of `path`; use that path only for reading.

    Args:
        path: the file; a link there is replaced, not followed.
        keep: a path in the same folder to which the old file is renamed, if it should be kept. A
            crash between the two renames leaves the old file there and no file at `path`.
        follow: whether the folder itself may be a link.

    Raises:
        OSError: the folder cannot be written, or the disk is full; the error names `path`.
    """
    name = f"{TEMPORARY}{secrets.token_hex(8)}-{path.name}"
    temporary = path.with_name(name)
    with naming(path, temporary), _opened(path.parent, follow=follow) as folder:
        try:
            with _create(temporary, folder) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if keep:
                with suppress(FileNotFoundError):
                    os.replace(path.name, keep.name, src_dir_fd=folder, dst_dir_fd=folder)
            os.replace(name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            _flush(folder)
        finally:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)


@contextmanager
def naming(path: Path, temporary: Path | None = None) -> Iterator[None]:
    """Make an OSError from the block name `path` where it names `temporary` or no file."""
    inner = {path.name, str(path.parent)}
    inner |= {temporary.name, str(temporary)} if temporary else set()
    try:
        yield
    except OSError as error:
        if error.filename is None or error.filename in inner:
            error.filename = str(path)
        raise


def write_bytes(
    path: Path, *parts: bytes | memoryview, keep: Path | None = None, follow: bool = True
) -> None:
    """Write `parts`, one after the other, to `path`, atomically (see `replacing`)."""
    with replacing(path, keep=keep, follow=follow) as file:
        file.writelines(parts)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, atomically (see `replacing`)."""
    write_bytes(path, text.encode())


def open_append(path: Path) -> IO[str]:
    """Open the text file `path` to append to it; create it if it is missing.

    Raises:
        UsageError: it is a symbolic link, has a second hard link, or is not a regular file.
        OSError: it cannot be opened.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise _not_ours(path) from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(descriptor)
        raise _not_ours(path)
    return os.fdopen(descriptor, "a", encoding="utf-8", newline="")


def fsync_folder(path: Path) -> bool:
    """Wait until the names in the folder `path` are on the disk.

    Returns:
        Whether the file system can do that; some network mounts cannot.
    """
    with _opened(path, follow=True) as folder:
        return _flush(folder)


def sweep(path: Path) -> None:
    """Remove the temporary files that killed processes left in the folder `path` and below.

    Call this only as the folder's only writer. Links are not followed.
    """
    for _, _, names, folder in os.fwalk(path):
        for name in names:
            if name.startswith(TEMPORARY):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)


@contextmanager
def _opened(path: Path, *, follow: bool) -> Iterator[int]:
    """Yield the descriptor of the folder `path`."""
    nofollow = 0 if follow else os.O_NOFOLLOW
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | nofollow)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _create(path: Path, folder: int) -> BinaryIO:
    """Create the file `path` in the open `folder`; FileExistsError if the name is taken."""

    def opener(_: str, flags: int) -> int:
        return os.open(path.name, flags | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)

    return cast("BinaryIO", open(path, "x+b", opener=opener))


def _flush(folder: int) -> bool:
    """Do `fsync_folder` for an open folder."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in CANNOT_FLUSH:
            raise
        return False
    return True


def _not_ours(path: Path) -> UsageError:
    return UsageError(
        f"{path} is a link, or not a regular file; nnlab writes only to a run's own files: "
        "move it away"
    )
