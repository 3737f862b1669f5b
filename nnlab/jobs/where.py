"""Choose where tasks run: on this machine, or on a Ray cluster."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, Self

from nnlab.console.view import View
from nnlab.cores import cores
from nnlab.errors import UsageError
from nnlab.jobs.pool import Pool
from nnlab.jobs.ray_address import AUTO, LOCAL, parts
from nnlab.jobs.task import Done, Task

MOST_JOBS = 1024  # worker processes of this machine


class Workers(AbstractContextManager["Workers"], Protocol):
    """What makes the calls of tasks; enter it first. `Pool` says what is promised.

    Attributes:
        threads: the threads of each call.
    """

    threads: int

    def __enter__(self) -> Self:
        """Start."""

    def map(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what came of each task, as they end; a task is taken when a worker is free."""


def opened(jobs: int | None, ray: str | None, view: View) -> Workers:
    """Return what runs tasks; enter it.

    Args:
        jobs: tasks at a time; None for one on each core of the machine, or of the cluster.
        ray: `auto`, `local`, or the address of a Ray cluster; None for this machine without Ray.
        view: shows that the work is stopping.

    Raises:
        UsageError: that many tasks at a time are not possible.
    """
    check(jobs, ray)
    if ray is None:
        return Pool(cores() if jobs is None else jobs, view=view)
    from nnlab.jobs.ray_pool import RayPool

    return RayPool(ray, jobs, view)


def check(jobs: int | None, ray: str | None) -> None:
    """Raise UsageError if so many tasks at a time are not possible, or `ray` is no address.

    See `opened`. The cluster is not asked.
    """
    if jobs is not None and not (jobs >= 1 and (ray or jobs <= MOST_JOBS)):
        raise UsageError(f"--jobs {jobs}: it takes 1 to {MOST_JOBS:,} workers")
    if ray not in {None, AUTO, LOCAL}:
        parts(str(ray))
