"""The file system of the folder for runs: what a run needs of it is really done there."""

import errno
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from nnlab.files import fsync_folder, write_bytes
from nnlab.finding import Finding, Result, examine
from nnlab.runs.lockfile import HeldError, Lock

BYTES = 8_000_000  # a run with checkpoints of `nnlab fashion`
ENOUGH = 200_000_000  # bytes
ELSEWHERE = "start nnlab in a folder that you may write to, or name one with --run-dir"
SCRATCH = ".tmp-doctor-"
OLD = 3600  # seconds; a check takes less, so its folder was left by a doctor that was killed
LOST = {"tmpfs", "ramfs"}  # in memory only


def checks(parent: Path) -> Iterator[Finding]:
    """Yield what is found in the folder `parent`, in which runs are made; nothing stays there."""
    folder = examine("runs", partial(_writes, parent))
    yield folder
    if folder.state != "fault":
        yield examine("fsync", partial(_flushes, parent))
        yield examine("locks", partial(_locks, parent))


def _writes(parent: Path) -> Result:
    """Write, flush, rename and read a file."""
    written = secrets.token_bytes(1000) * (BYTES // 1000)
    try:
        with _scratch(parent) as folder:
            write_bytes(folder / "file", written)
            if (folder / "file").read_bytes() != written:
                return Result("fault", f"{parent}: the file that was read is not the one written")
            free = shutil.disk_usage(folder).free
            kind = _kind(folder)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        where = parent.absolute()
        return Result(
            "fault", f"{where}: {error.strerror}", "free some space; or " * full + ELSEWHERE
        )
    seen = f"{parent.absolute()}: wrote {BYTES // 10**6} MB; {kind}, {free / 1e9:,.1f} GB free"
    if free < ENOUGH:
        return Result("warn", seen, "free some space, or choose another disk")
    if kind in LOST:
        return Result("warn", seen, "this folder is in memory: copy what you want to keep")
    return Result("ok", seen)


def _flushes(parent: Path) -> Result:
    """Whether the name of a new file can be flushed to the disk, too."""
    with _scratch(parent) as folder:
        write_bytes(folder / "file", b"x")
        if fsync_folder(folder):
            return Result("ok", "files and their names can be flushed to the disk")
    return Result(
        "warn", "a folder cannot be flushed (fsync)",
        "a power cut may lose the newest checkpoint; the one before it stays",
    )  # fmt: skip


def _locks(parent: Path) -> Result:
    """Whether a second writer is kept out."""
    with _scratch(parent) as folder:
        first, second = Lock(folder / "lock"), Lock(folder / "lock")
        first.acquire()
        try:
            second.acquire()
        except HeldError:
            by_record = (folder / "lock.held").exists()
        else:
            second.release()
            return Result(
                "fault", "two processes got the same lock",
                "never start two commands on one run here; or choose another disk",
            )  # fmt: skip
        finally:
            first.release()
    if by_record:
        return Result(
            "warn", "no flock here; nnlab writes down who works on a run instead",
            "after a crash on another machine, nnlab names a folder to remove",
        )  # fmt: skip
    return Result("ok", "a second writer is kept out (flock)")


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """Yield a new folder in `parent`, or in the folder in which `parent` would be made."""
    if os.path.lexists(parent) and not parent.is_dir():
        what = "this is a file, not a folder"
        if parent.is_symlink():
            what = f"this is a link to {parent.readlink()}, where there is no folder"
        raise NotADirectoryError(errno.ENOTDIR, what, str(parent))
    home = next(folder for folder in (parent, *parent.absolute().parents) if folder.is_dir())
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path) -> None:
    """Remove what a doctor that was killed has left in the folder `home`."""
    for folder in home.glob(f"{SCRATCH}*"):
        with suppress(OSError):  # another doctor is just removing it
            if time.time() - folder.lstat().st_mtime > OLD:
                shutil.rmtree(folder, ignore_errors=True)


def _kind(folder: Path) -> str:
    """Return the kind of the file system: ext4, nfs4, ...

    Source: proc(5), /proc/PID/mountinfo: field 3 is the device, the field after "-" is the kind.
    """
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            fields = line.split()
            if fields[2] == wanted:
                return fields[fields.index("-") + 1]
    return "a file system of unknown kind"
