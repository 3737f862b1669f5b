"""Open a file that a user or a run names, and check its kind and size before reading it.

The name may lead to an endless device, a pipe that nobody writes to, or ten gigabytes of zeros. So
the file is opened once, without blocking; the checks look at the open file, because the name may
lead to another one a moment later; and the size is checked before memory is allocated.
"""

import hashlib
import os
import select
import stat
from io import BufferedReader
from pathlib import Path

STDIN = Path("-")
PATIENCE = 10.0  # seconds to wait for a writer to open a pipe

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device or terminal",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def open_plain(path: Path) -> BufferedReader:
    """Open the plain file at `path` for reading; links are followed.

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
    """Return the size of an open plain file in bytes; ValueError if it is more than `most`."""
    if (size := os.fstat(file.fileno()).st_size) > most:
        raise ValueError(_too_large(what, most, f"{size:,}"))
    return size


def read(path: Path, most: int, what: str) -> bytes:
    """Return all bytes of the plain file at `path`.

    Args:
        path: the file.
        most: the largest allowed size, in bytes.
        what: what the file should be, for the error message, such as "a config".

    Raises:
        OSError: it cannot be opened or read.
        ValueError: as in `open_plain` and `check_size`.
    """
    with open_plain(path) as file:
        size = check_size(file, most, what)
        raw = file.read(size + 1)
        if len(raw) > size:  # it grew, or has no size, as files in /proc
            raw += file.read(most + 1 - len(raw))
    return _checked(raw, most, what)


def digest(path: Path) -> str:
    """Return the SHA-256 of the plain file at `path`, in hexadecimal digits.

    Raises:
        OSError: it cannot be opened or read.
        ValueError: as in `open_plain`.
    """
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_stream(path: Path, most: int, what: str) -> bytes:
    """Return all bytes of a plain file, a pipe or, for `-`, standard input.

    Raises:
        OSError: it cannot be opened or read.
        ValueError: it is of another kind, or too large; or nobody writes to the pipe.
    """
    with os.fdopen(os.dup(0), "rb") if path == STDIN else _open(path) as file:
        _look(file, (stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK))
        raw = b""
        while part := _next(file.fileno(), most + 1 - len(raw), begun=bool(raw)):
            raw += part
    return _checked(raw, most, what)


def _open(path: Path) -> BufferedReader:
    # O_NONBLOCK, because opening a pipe would wait until somebody opens its other end.
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def _look(file: BufferedReader, taken: tuple[int, ...]) -> None:
    """Raise ValueError if the open file is not of one of the kinds `taken`."""
    kind = stat.S_IFMT(os.fstat(file.fileno()).st_mode)
    if kind not in taken:
        raise ValueError(f"this is {_KINDS.get(kind, 'something else')}, not a plain file")


def _next(descriptor: int, most: int, *, begun: bool) -> bytes:
    """Return the next bytes, b"" at the end; wait for them as long as the pipe has a writer."""
    while True:
        ready, *_ = select.select([descriptor], [], [], PATIENCE)
        try:
            part = os.read(descriptor, most)
        except BlockingIOError:  # there is a writer that has not written yet
            continue
        if not (part or ready or begun):
            raise ValueError(f"nobody wrote to this pipe for {PATIENCE:g} seconds")
        return part


def _checked(raw: bytes, most: int, what: str) -> bytes:
    if len(raw) > most:
        raise ValueError(_too_large(what, most, "more"))
    return raw


def _too_large(what: str, most: int, found: str) -> str:
    return f"it is larger than {what} can be ({found} bytes; at most {most:,})"
