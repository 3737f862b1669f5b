"""A worker process: it makes the calls that arrive, and sends back what came of each.

It never outlives the process that started it. Ctrl-C in a terminal goes to all processes at once;
a worker ignores it, and waits for the SIGTERM that its parent sends in order.
"""

import ctypes
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pkgutil import resolve_name
from typing import Any

from nnlab.ending import end_by
from nnlab.errors import StoppedError

PR_SET_PDEATHSIG = 1  # linux/prctl.h
WATCH_SECONDS = 1.0


def serve(channel: int, parent: int) -> None:
    """Make the calls that arrive, until the parent closes the channel or ends.

    A message is a pair (call, arguments), as in `Task`. The answer is pickled: (result, error, the
    traceback of the error).

    Args:
        channel: the file descriptor of the connection to the parent.
        parent: the process that started this one.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked while Python started
    die_with(parent)
    connection = Connection(channel)
    while True:
        try:
            call, arguments = connection.recv()
            connection.send_bytes(answer(call, arguments))
        except (EOFError, OSError):  # the parent has closed its end
            return


def die_with(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends.

    SIGKILL also ends a process that is in the middle of compiled code; a run goes on from its last
    checkpoint. The kernel offers this on Linux. Elsewhere a thread looks once a second whether the
    parent is alive; compiled code that does not release Python's lock delays it.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:  # it ended before the line above
            os.kill(os.getpid(), signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def answer(call: str, arguments: dict[str, Any]) -> bytes:
    """Return the answer to a call. A call that a signal stopped has none."""
    try:
        return pickle.dumps((resolve_name(call)(**arguments), None, ""))
    except (KeyboardInterrupt, StoppedError):  # what can be saved is saved
        end_by(signal.SIGTERM)
    except SystemExit as error:
        return failed(RuntimeError(f"{call} ended Python with exit code {error.code}"))
    except Exception as error:  # noqa: BLE001 - the parent gets it
        return failed(error)


def failed(error: Exception) -> bytes:
    """Return the answer that says `error`, as a RuntimeError if it cannot be read back."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(reply := pickle.dumps((None, error, where)))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever the classes of libraries raise
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), where))
    return reply
