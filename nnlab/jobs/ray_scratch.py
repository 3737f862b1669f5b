"""The folder of a call on a node: made for the call, removed after it."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "nnlab-ray-"
GRACE_SECONDS = 60.0  # between the making of a folder and its lock


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder in the temporary folder of this machine."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


@cache
def _sweep() -> None:
    """Remove the folders that killed workers left. A folder in use is locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime < GRACE_SECONDS:
                continue
            descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(descriptor)
