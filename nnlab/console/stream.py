"""Print to a stream whose reader may have closed it (`| head`, a closed terminal)."""

import errno
import os
import sys
from typing import TextIO


def say(text: str, stream: TextIO) -> bool:
    """Print `text`. If the reader has closed the stream, continue without printing.

    Returns:
        False if the reader has just closed it: a command that would print without end can stop.
    """
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        if stream is sys.stdout and error.errno not in {errno.EPIPE, errno.EIO}:
            raise  # a lost result is an error; lost progress is not
        mute(stream)
        return False
    return True


def mute(stream: TextIO) -> None:
    """Discard everything written to `stream` from now on, including its buffer."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
