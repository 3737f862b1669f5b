"""Watch the head node of a Ray cluster: what the cluster has, and whether it still answers.

Without its head, Ray's calls wait for a minute, and then Ray ends the process.
"""

import atexit
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread

from nnlab.jobs.task import ClusterLost

ASK_SECONDS = 1.0  # between two questions
SILENT_SECONDS = 10.0  # without an answer, until the head counts as dead
LEAVE_SECONDS = 3.0  # for Ray to leave a cluster without a head


class Head:
    """The head node, asked for the resources of the cluster by a thread.

    Args:
        address: the address of the cluster, for messages.
        ask: returns the resources of the cluster; it may wait without end.

    Attributes:
        cpus: the number of CPUs of the cluster, 1 or more: Ray starts the task when there is one.
        gpus: the number of its GPUs.
    """

    def __init__(self, address: str, ask: Callable[[], Mapping[str, float]]) -> None:
        self._address, self._ask = address, ask
        self._has = ask()
        self._silent, self._checked = 0.0, time.monotonic()
        self._end = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def cpus(self) -> int:
        """See `Head`."""
        return max(1, int(self._has.get("CPU", 0)))

    @property
    def gpus(self) -> int:
        """See `Head`."""
        return int(self._has.get("GPU", 0))

    def check(self) -> None:
        """Raise ClusterLost if the head has been silent for too long; call it often.

        The time between two calls counts as a second at most: this process may have been stopped.
        """
        now = time.monotonic()
        self._silent += min(now - self._checked, ASK_SECONDS)
        self._checked = now
        if self._silent > SILENT_SECONDS:
            raise ClusterLost(f"the Ray cluster at {self._address} ended")

    def leave(self, shutdown: Callable[[], None]) -> None:
        """Call Ray's `shutdown`; if the head does not answer, go after some seconds without it."""
        self._end.set()
        self._thread.join(ASK_SECONDS)
        if not self._thread.is_alive():  # else it would ask Ray after its end
            shutdown()
            return
        leaving = Thread(target=shutdown, daemon=True)
        leaving.start()
        leaving.join(LEAVE_SECONDS)
        atexit.unregister(shutdown)  # Ray would call it again

    def _watch(self) -> None:
        while not self._end.wait(ASK_SECONDS):
            with suppress(Exception):  # Ray's; it counts as silence
                self._has = self._ask()
                self._silent = 0.0
