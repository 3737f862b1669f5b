"""Tasks on their way through a cluster, as the driver sees them."""

from dataclasses import dataclass

from nnlab.jobs.ray_files import collected, received
from nnlab.jobs.ray_node import Call, Ended, Saved
from nnlab.jobs.slot import TRIES, lost_for_good, read
from nnlab.jobs.task import Done, Task


@dataclass
class Job:
    """A task, and how often it has lost its worker.

    Attributes:
        task: the task.
        lost: how many of its tries lost their worker.
    """

    task: Task
    lost: int = 0

    def call(self) -> Call:
        """Return the task as it travels: with the files that it goes on with."""
        task = self.task
        files = None if task.home is None else collected(task.home, task.writes)
        return Call(task.call, task.arguments, task.writes, files)

    def keep(self, event: Saved | Ended) -> None:
        """Put the files that came from the node into the home of the task."""
        if self.task.home is not None and event.files is not None:
            received(event.files, self.task.home, self.task.writes)


class Pack:
    """Tasks that one worker makes, one after the other.

    Attributes:
        needs: what each of them needs.
        node: the name of the machine; "" before its first call begins.
    """

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._done = 0
        self.needs = jobs[0].task.needs
        self.node = ""

    def heard(self, event: Saved | Ended) -> Done | None:
        """Keep the files of a task; return what came of it if it has ended."""
        job, ended = self._jobs[event.place], isinstance(event, Ended)
        self._done = event.place + ended
        try:
            job.keep(event)
        except OSError as error:  # told at the end, if it is still so
            return Done(job.task, None, error) if ended else None
        return read(job.task, event.answer) if isinstance(event, Ended) else None

    def over(self, lost: str) -> tuple[list[Job], Done | None]:
        """Return the tasks that have not ended, and the one to give up, if any.

        Only the task that was running has had a try.

        Args:
            lost: how the worker died; "" if it did not.
        """
        left = self._jobs[self._done :]
        if not (lost and left and self.node):
            return left, None
        left[0].lost += 1
        if left[0].lost < TRIES:
            return left, None
        return left[1:], lost_for_good(left[0].task, f"died on node {self.node} ({lost})")
