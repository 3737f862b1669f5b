"""End the process by a signal, as well-behaved programs do.

A shell that runs nnlab in a loop, or `make`, sees then that the user wants the whole to stop; of a
plain exit code 130 it sees a program that failed, and goes on with the next. In `$?` the shell
shows 128 + the signal's number all the same. https://www.cons.org/cracauer/sigint.html
"""

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def end_by(number: signal.Signals) -> NoReturn:
    """End this process by the signal `number`; what was printed is written out before."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # its reader has gone, or it is closed
            stream.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # who started nnlab has blocked the signal
