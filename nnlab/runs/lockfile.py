"""One process at a time, by a lock that a killed holder does not keep.

Where the file system has flock, the kernel frees the lock of a process that ended. Where it has
none (many network mounts), the holder leaves a record: a file with a name of its own in the folder
NAME.held, which tells the process, when it started, and the boot of its machine.

- Taking is one rename of a folder that holds the whole record: it fails where NAME.held has a
  record, so that one of many wins, and no record is ever half written.
- A dead holder's record is removed by its own name, so that nobody removes that of the next holder.
"""

import errno
import fcntl
import os
import platform
import secrets
import shlex
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from nnlab.text import printable

HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}
NO_FLOCK = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
LOST = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}  # a rename that another process forestalled
TRIES = 10
MAX_BYTES = 4096  # of a record; ours have 200
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class Holder(BaseModel):
    """Who holds a lock.

    Attributes:
        pid: its process, which `namespace` (a container's, or the machine's own) numbers.
        started: when the process started, in clock ticks after `boot`; None if nothing tells.
        boot: the machine's boot: another one after each; empty if nothing tells.
        host: the machine's name.
        since: when it took the lock, UTC.
    """

    pid: Annotated[int, Field(ge=1, lt=2**31)]
    started: int | None
    namespace: int
    boot: str
    host: str
    since: str

    @classmethod
    def me(cls) -> Self:
        """Return this process, as from now."""
        try:
            namespace = Path("/proc/self/ns/pid").stat().st_ino
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            namespace, boot = 0, ""
        return cls(
            pid=os.getpid(),
            started=_started(os.getpid()),
            namespace=namespace,
            boot=boot,
            host=platform.node(),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    def seen_from(self, me: Self) -> bool | None:
        """Return whether the process runs; None if `me`, on another machine, cannot tell."""
        if self.host != me.host:
            return None
        if self.boot != me.boot:  # the machine has started again since
            return False if self.boot and me.boot else None
        if self.namespace != me.namespace:
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it is another user's
            pass
        started = _started(self.pid)
        return None in {started, self.started} or started == self.started


class HeldError(Exception):
    """Another process holds the lock.

    Attributes:
        holder: who that is; None where only the kernel knows, or its record is damaged.
        doubtful: what to delete if the holder runs no more, where only a person can tell that.
    """

    def __init__(self, holder: Holder | None = None, doubtful: Path | None = None) -> None:
        super().__init__(str(holder))
        self.holder = holder
        self.doubtful = doubtful

    @property
    def doubt(self) -> str:
        """What a person should know of a holder that may be dead; else empty."""
        if not self.doubtful:
            return ""
        who = f"{self.holder}, since {self.holder.since}," if self.holder else "a process"
        return (
            f"{printable(who)} may be working here, and nothing on this machine can tell: the file "
            "system has no locks (flock). "
            f"Once you know that it does not run: rm -r {shlex.quote(str(self.doubtful))}"
        )


class Lock:
    """The lock at `path`, a file that stays when it is released."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = path.with_name(f"{path.name}.held")
        self._descriptor: int | None = None
        self._record: str | None = None  # the name of ours in the folder `_held`

    def acquire(self) -> None:
        """Become the holder.

        Raises:
            HeldError: another process is that.
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
        """Let others hold it; without effect for who does not."""
        if self._record:
            with suppress(OSError):
                (self._held / self._record).unlink()
                self._held.rmdir()
            self._record = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, me: Holder) -> None:
        """Become the holder by a record."""
        for _ in range(TRIES):
            self._look(me)
            if self._put(me):
                for left in self._path.parent.glob(f".tmp-*-{self._path.name}"):  # by killed ones
                    shutil.rmtree(left, ignore_errors=True)
                return
        raise HeldError

    def _look(self, me: Holder) -> None:
        """Remove the record of a dead holder; HeldError for any other."""
        try:
            folder = os.open(self._held, FOLDER)
        except FileNotFoundError:
            return
        try:
            for name in os.listdir(folder):  # noqa: PTH208 - of the open folder
                with suppress(FileNotFoundError):  # it was released just now
                    holder = _read(name, folder)
                    runs = holder.seen_from(me) if holder else None
                    if runs is not False:
                        raise HeldError(holder, self._held if runs is None else None)
                    os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)
        with suppress(OSError):
            self._held.rmdir()

    def _put(self, me: Holder) -> bool:
        """Put the record of `me` in the place; return whether nobody was faster."""
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
    """Take the kernel's lock; return whether the file system has such; HeldError if it is taken."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise HeldError from None
        if error.errno in NO_FLOCK:
            return False
        raise
    return True


def _read(name: str, folder: int) -> Holder | None:
    """Return the record `name` of the open `folder`, None if it is damaged."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        try:
            return Holder.model_validate_json(file.read(MAX_BYTES))
        except ValidationError:
            return None


def _started(pid: int) -> int | None:
    """Return when a process started, in clock ticks after boot; None if nothing tells, -1 if dead.

    Source: proc(5), /proc/pid/stat: field 3 is the state, field 22 the start.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    state, *fields = stat[stat.rindex(b")") + 1 :].split()  # the name before may have any byte
    return -1 if state in {b"Z", b"X"} else int(fields[18])
