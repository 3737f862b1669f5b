"""Print to a stream whose reader may be gone (`| head`, a closed terminal)."""

import errno
import os
import sys
from typing import TextIO


def say(text: str, stream: TextIO) -> None:
    """Print `text`; when its reader has gone (`| head`, a closed terminal), go on without."""
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        if stream is sys.stdout and error.errno not in {errno.EPIPE, errno.EIO}:
            raise  # a result that is lost is an error, progress is not
        mute(stream)


def mute(stream: TextIO) -> None:
    """Send what is written from now on, and what is still in buffers, to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
