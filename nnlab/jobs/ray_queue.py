"""The tasks that wait for a CPU of a cluster, and how many of them travel together."""

from collections import deque
from collections.abc import Iterator
from statistics import fmean

from nnlab.jobs.ray_pack import Job
from nnlab.jobs.task import Task

PACK_SECONDS = 2.0  # of a pack at least, if the calls are short
DRIVER_SECONDS = 0.01  # of a pack for each CPU: twice what the driver works for a pack
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

    @property
    def waiting(self) -> bool:
        """Whether tasks that were taken, or have come back, are to be sent."""
        return bool(self._waiting)

    def put_back(self, jobs: list[Job]) -> None:
        """Put tasks back that did not end; they are the next."""
        self._waiting.extendleft(reversed(jobs))

    def seconds(self, cpus: int) -> float:
        """Return how long a pack should last, so that the driver keeps up with so many CPUs."""
        return max(PACK_SECONDS, DRIVER_SECONDS * cpus)

    def packs(self, free: int, cpus: int) -> Iterator[list[Job]]:
        """Yield packs of about equal size for so many free CPUs; a pack has tasks of equal needs.

        Their size follows from how long the last calls took.

        Args:
            free: the CPUs that are free.
            cpus: all CPUs, for `seconds`.
        """
        size = self._size(self.seconds(cpus))
        while len(self._waiting) < free * size and (task := next(self._tasks, None)):
            self._waiting.append(Job(task))
        for share in range(free, 0, -1):
            if self._waiting:
                yield self._alike(-(-len(self._waiting) // share))

    def _size(self, seconds: float) -> int:
        """Return how many calls last so long; 1 if no call has ended yet."""
        mean = fmean(self._seconds) if self._seconds else seconds
        return min(LARGEST_PACK, max(1, int(seconds / max(mean, 1e-6))))

    def _alike(self, most: int) -> list[Job]:
        """Take so many tasks with the same needs, or fewer."""
        jobs = [self._waiting.popleft()]
        needs = jobs[0].task.needs
        while self._waiting and len(jobs) < most and self._waiting[0].task.needs == needs:
            jobs.append(self._waiting.popleft())
        return jobs
