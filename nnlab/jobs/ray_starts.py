"""Follow how packs start on a cluster: workers may die at once, or there may be no CPU."""

import time

from nnlab.console.view import View
from nnlab.jobs.task import ClusterLost

MOST_FAILED = 10  # starts in a row
PAUSE_SECONDS = 2.0  # after a start that failed
QUIET_SECONDS = 60.0  # without anything that runs, until it is told


class Starts:
    """Counts the starts that fail.

    Args:
        view: is told, once, that nothing runs.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._failed, self._pause_until = 0, 0.0
        self._ran = time.monotonic()
        self._told = False

    @property
    def pausing(self) -> bool:
        """Whether no pack should be sent now."""
        return time.monotonic() < self._pause_until

    def succeeded(self) -> None:
        """Note that a pack has begun."""
        self._failed = 0

    def failed(self, why: str, *, running: bool) -> None:
        """Note that a worker died before its pack began.

        Args:
            why: how it died.
            running: whether another pack is running. Then it is the fault of one node.

        Raises:
            ClusterLost: it was so many times in a row, and nothing is running.
        """
        self._failed += 1
        self._pause_until = time.monotonic() + PAUSE_SECONDS
        if self._failed >= MOST_FAILED and not running:
            raise ClusterLost(
                f"{self._failed} workers in a row died before they began to work ({why}): "
                "look at the nodes, and at Ray's logs there"
            )

    def look(self, *, running: bool) -> None:
        """Tell once if nothing has run for a minute.

        Args:
            running: whether a pack is running.
        """
        now = time.monotonic()
        if running:
            self._ran = now
        elif now - self._ran > QUIET_SECONDS and not self._told:
            self._told = True
            self._view.note(
                f"nothing has run for {QUIET_SECONDS:g} seconds: the Ray cluster has no free CPU; "
                "waiting for one (ray status shows its nodes)"
            )
