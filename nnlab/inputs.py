"""Open a file that a user or a run names: once, and only if it is of a kind and size that can be.

A name may lead to anything: a device without an end, a pipe into which nobody writes, ten
gigabytes of zeros. So a file is opened once, without waiting for it; what was opened is looked at,
not what the name leads to a moment later; and its size is compared with the most that it can have
before memory is asked for.
"""

import hashlib
import os
import select
import stat
from io import BufferedReader
from pathlib import Path

STDIN = Path("-")
PATIENCE = 10.0  # seconds in which somebody must have opened a pipe to write into it

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device or terminal",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def open_plain(path: Path) -> BufferedReader:
    """Open the plain file at `path` to read it; a link is followed.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is a device, pipe or socket.
    """
    file = _open(path)
    try:
        _look(file, (stat.S_IFREG,))
    except BaseException:
        file.close()
        raise
    return file


def check_size(file: BufferedReader, most: int, what: str) -> int:
    """Return the bytes of an opened plain file; ValueError if `what` cannot have so many."""
    if (size := os.fstat(file.fileno()).st_size) > most:
        raise ValueError(_too_large(what, most, f"{size:,}"))
    return size


def read(path: Path, most: int, what: str) -> bytes:
    """Return all bytes of the plain file at `path`.

    Args:
        path: the file.
        most: bytes that it can have.
        what: what can have so many, for the error.

    Raises:
        OSError: it cannot be opened or read.
        ValueError: as `open_plain` and `check_size`.
    """
    with open_plain(path) as file:
        size = check_size(file, most, what)
        raw = file.read(size + 1)
        if len(raw) > size:  # it grew; or the system makes it up, as in /proc
            raw += file.read(most + 1 - len(raw))
    return _checked(raw, most, what)


def digest(path: Path) -> str:
    """Return the SHA-256 of the plain file at `path`, in hexadecimal digits.

    Raises:
        OSError: it cannot be opened or read.
        ValueError: as `open_plain`.
    """
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_stream(path: Path, most: int, what: str) -> bytes:
    """Return all bytes of a plain file, of a pipe or, for `-`, of standard input.

    Raises:
        OSError: it cannot be opened or read.
        ValueError: it is of another kind, or too large; or nobody writes into the pipe.
    """
    with os.fdopen(os.dup(0), "rb") if path == STDIN else _open(path) as file:
        _look(file, (stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK))
        raw = b""
        while part := _next(file.fileno(), most + 1 - len(raw), begun=bool(raw)):
            raw += part
    return _checked(raw, most, what)


def _open(path: Path) -> BufferedReader:
    # Not to block: to open a pipe would wait until somebody opens its other end.
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def _look(file: BufferedReader, taken: tuple[int, ...]) -> None:
    """Raise ValueError if what was opened is not of one of the kinds `taken`."""
    kind = stat.S_IFMT(os.fstat(file.fileno()).st_mode)
    if kind not in taken:
        raise ValueError(f"this is {_KINDS.get(kind, 'something else')}, not a plain file")


def _next(descriptor: int, most: int, *, begun: bool) -> bytes:
    """Return what has come in; b"" at the end. As long as there is a writer, wait for it."""
    while True:
        ready, *_ = select.select([descriptor], [], [], PATIENCE)
        try:
            part = os.read(descriptor, most)
        except BlockingIOError:  # a writer is there, and has not written yet
            continue
        if not (part or ready or begun):
            raise ValueError(f"nobody has written into this pipe for {PATIENCE:g} seconds")
        return part


def _checked(raw: bytes, most: int, what: str) -> bytes:
    if len(raw) > most:
        raise ValueError(_too_large(what, most, "more"))
    return raw


def _too_large(what: str, most: int, found: str) -> str:
    return f"it is larger than {what} can be ({found} bytes; at most {most:,})"
