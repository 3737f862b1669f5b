"""The tasks that wait for a CPU of a cluster, and how many of them travel together."""

from collections import deque
from collections.abc import Iterator
from statistics import fmean

from nnlab.jobs.ray_node import PACK_SECONDS
from nnlab.jobs.ray_pack import Job
from nnlab.jobs.task import Task

LARGEST_PACK = 500  # calls
REMEMBERED = 100  # calls whose mean duration decides the size of the next packs


class Queue:
    """Tasks that were taken from the caller, or have come back, and are not on their way.

    Args:
        tasks: the caller's; one is taken when there is a CPU for it.
        seconds: how long the last calls took; the pool adds to it.
    """

    def __init__(self, tasks: Iterator[Task | None], seconds: deque[float]) -> None:
        self._tasks, self._seconds = tasks, seconds
        self._waiting: deque[Job] = deque()

    def put_back(self, jobs: list[Job]) -> None:
        """Put tasks back that did not end; they are the next."""
        self._waiting.extendleft(reversed(jobs))

    def packs(self, free: int) -> Iterator[list[Job]]:
        """Yield packs of about equal size for so many free CPUs; a pack has tasks of equal needs.

        A pack is as large as PACK_SECONDS ask for, as far as it is known how long a call takes.
        """
        while len(self._waiting) < free * self._size and (task := next(self._tasks, None)):
            self._waiting.append(Job(task))
        for share in range(free, 0, -1):
            if self._waiting:
                yield self._alike(-(-len(self._waiting) // share))

    @property
    def _size(self) -> int:
        mean = fmean(self._seconds) if self._seconds else PACK_SECONDS
        return min(LARGEST_PACK, max(1, int(PACK_SECONDS / max(mean, 1e-6))))

    def _alike(self, most: int) -> list[Job]:
        """Take so many tasks with the same needs, or fewer."""
        jobs = [self._waiting.popleft()]
        needs = jobs[0].task.needs
        while self._waiting and len(jobs) < most and self._waiting[0].task.needs == needs:
            jobs.append(self._waiting.popleft())
        return jobs
