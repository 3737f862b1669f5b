"""End the process by a signal instead of an exit code.

A shell loop or `make` that runs nnlab then knows that the user pressed Ctrl-C, and stops. After a
plain exit code 130 it would see a failed program and go on with the next one. `$?` is 128 + the
signal's number in both cases.

Source: https://www.cons.org/cracauer/sigint.html
"""

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def end_by(number: signal.Signals) -> NoReturn:
    """Flush the standard streams, then end this process by the signal `number`."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the stream is closed, or its reader is gone
            stream.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # reached if the parent process blocked the signal
