"""A worker process, as its parent sees it. `nnlab.jobs.worker` is the other side."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import Pipe
from typing import BinaryIO

from nnlab.jobs.task import Task
from nnlab.text import clipped, printable

LONGEST_LINE = 200  # characters of what a worker printed, in a message
LAST_BYTES = 4096  # of what it printed: its last line is somewhere in them
# The worker finds modules where its parent does. It does not run the parent's program again, as
# those of multiprocessing do: functions are looked up by name.
START = "import sys; sys.path[:] = {path}; from nnlab.jobs.worker import serve; serve{arguments}"


class WorkerProcess:
    """A Python process that makes calls; it is started here, and ends with this process.

    What it prints goes to a file without a name, since this process may be drawing on the terminal.

    Args:
        environment: variables of the worker, beside those of this process.

    Attributes:
        connection: the calls go out, the answers come in.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.connection, theirs = Pipe()
        self._printed: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `join`
        code = START.format(path=sys.path, arguments=(theirs.fileno(), os.getpid()))
        flags = [word for option in sys.warnoptions for word in ("-W", option)]
        # Ctrl-C goes to all processes of a terminal; one that is starting would print a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the code above
                [sys.executable, *flags, "-c", code], env=os.environ | environment,
                stdin=subprocess.DEVNULL, stdout=self._printed, stderr=self._printed,
                pass_fds=[theirs.fileno()],
            )  # fmt: skip
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def send(self, task: Task) -> None:
        """Send a call; a worker that has just ended does not get it."""
        self._printed.seek(0)
        self._printed.truncate()
        with suppress(ConnectionError):
            self.connection.send((task.call, task.keywords))

    def terminate(self) -> None:
        """Ask the process to end: by SIGTERM, which a run heeds when its state is complete."""
        self._process.terminate()

    def join(self, seconds: float) -> str:
        """Wait until the process has ended; kill it after so many seconds. The last call.

        Returns:
            How it ended, and the last line that it printed.
        """
        self.connection.close()  # an idle worker ends now
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        with self._printed:
            said = self._last_line()
        ended = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{ended}, after it printed: {said}" if said else ended

    def _last_line(self) -> str:
        """Return the last line that the process printed, "" if there is none."""
        self._printed.seek(max(0, self._printed.seek(0, os.SEEK_END) - LAST_BYTES))
        lines = self._printed.read().decode(errors="replace").strip().split("\n")
        return clipped(printable(lines[-1].strip()), LONGEST_LINE)
