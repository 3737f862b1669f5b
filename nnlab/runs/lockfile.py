"""A lock that one process holds at a time, and that a killed process does not keep.

If the file system has flock, the kernel frees the lock when the process ends. If it does not (many
network mounts), the holder writes a record into the folder NAME.held: a file with a unique name,
which says which process it is, when it started, and the boot of its machine (`nnlab.runs.holder`).

- To take the lock is to rename a folder with the complete record to NAME.held. The rename fails if
  NAME.held has a record; so one of several processes wins, and no record is ever incomplete.
- A dead holder's record is removed by its unique name, so that no process can remove the record of
  the next holder by mistake.
"""

import errno
import fcntl
import os
import secrets
import shlex
import shutil
from contextlib import suppress
from pathlib import Path

from nnlab.runs.holder import Holder, read
from nnlab.text import printable

HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}
NO_FLOCK = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
LOST = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}  # of a rename: another process was faster
TRIES = 10
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class HeldError(Exception):
    """Another process holds the lock.

    Attributes:
        holder: that process; None if only the kernel knows it, or if its record is damaged.
        doubtful: the path to delete if the holder no longer runs; None unless only a person can
            find out.
    """

    def __init__(self, holder: Holder | None = None, doubtful: Path | None = None) -> None:
        super().__init__(str(holder))
        self.holder = holder
        self.doubtful = doubtful

    @property
    def doubt(self) -> str:
        """What to tell the user about a holder that may be dead; empty if there is no doubt."""
        if not self.doubtful:
            return ""
        who = f"{self.holder}, since {self.holder.since}," if self.holder else "a process"
        return (
            f"{printable(who)} may be working here, but this machine cannot find out: the file "
            "system has no locks (flock). "
            f"If you are sure that it no longer runs: rm -r {shlex.quote(str(self.doubtful))}"
        )


class Lock:
    """A lock on the file `path`, which is not removed when the lock is released."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = path.with_name(f"{path.name}.held")
        self._descriptor: int | None = None
        self._record: str | None = None  # the name of our record in the folder `_held`

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            HeldError: another process holds it.
            OSError: the folder cannot be written, or the file is a link.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        self._descriptor = os.open(self._path, flags, 0o666)
        try:
            if _flock(self._descriptor):
                self._look(Holder.me())
            else:
                self._take(Holder.me())
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Release the lock; without effect if this process does not hold it."""
        if self._record:
            with suppress(OSError):
                (self._held / self._record).unlink()
                self._held.rmdir()
            self._record = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, me: Holder) -> None:
        """Take the lock with a record."""
        for _ in range(TRIES):
            self._look(me)
            if self._put(me):
                # Folders that killed processes left.
                for left in self._path.parent.glob(f".tmp-*-{self._path.name}"):
                    shutil.rmtree(left, ignore_errors=True)
                return
        raise HeldError

    def _look(self, me: Holder) -> None:
        """Remove the record of a dead holder; raise HeldError if the holder may be alive."""
        try:
            folder = os.open(self._held, FOLDER)
        except FileNotFoundError:
            return
        try:
            for name in os.listdir(folder):  # noqa: PTH208 - of the open folder
                with suppress(FileNotFoundError):  # the lock was released just now
                    holder = read(name, folder)
                    runs = holder.seen_from(me) if holder else None
                    if runs is not False:
                        raise HeldError(holder, self._held if runs is None else None)
                    os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)
        with suppress(OSError):
            self._held.rmdir()

    def _put(self, me: Holder) -> bool:
        """Put the record of `me` into `_held`; return False if another process was faster."""
        token = secrets.token_hex(8)
        temporary = self._path.with_name(f".tmp-{token}-{self._path.name}")
        temporary.mkdir()
        try:
            folder = os.open(temporary, FOLDER)
            try:
                new = os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
                with os.fdopen(new, "wb") as file:
                    file.write(me.model_dump_json().encode())
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                os.close(folder)
            temporary.rename(self._held)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            if error.errno in LOST:
                return False
            raise
        self._record = token
        return True


def _flock(descriptor: int) -> bool:
    """Take the kernel's lock; return False if the file system has none.

    Raises:
        HeldError: another process holds it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise HeldError from None
        if error.errno in NO_FLOCK:
            return False
        raise
    return True
