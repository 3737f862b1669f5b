"""A place for a worker process, and the task that it works on."""

import pickle
import time
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import wait

from nnlab.jobs.process import WorkerProcess
from nnlab.jobs.task import Done, Task, WorkerLost, WorkerTraceback

TRIES = 3  # of a task that loses its worker
GRACE_SECONDS = 30.0  # for a run to save its state, then to draw, on a machine that is busy


class Slot:
    """Has one worker: started with the first task, kept for the next, replaced when it is killed.

    Args:
        environment: variables of the worker, beside those of this process.

    Attributes:
        task: what the worker works on; None while it is idle.
        worker: the process; None before the first task.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.task: Task | None = None
        self.worker: WorkerProcess | None = None

    def give(self, task: Task) -> None:
        """Begin `task`."""
        self.task, self._tries = task, 1
        self._send(task)

    def take(self) -> Done | None:
        """Return what came of the task; None if its worker was lost, and the task begins again.

        Call it on a slot that `ready` returned.
        """
        assert self.task and self.worker  # noqa: PT018, S101 - `ready` returns busy slots only
        task, connection = self.task, self.worker.connection
        try:
            answer = connection.recv_bytes() if connection.poll() else b""
        except (EOFError, OSError):
            answer = b""
        if not answer:  # the process has ended
            return self._again(task, self.worker)
        self.task = None
        return read(task, answer)

    def _again(self, task: Task, lost: WorkerProcess) -> Done | None:
        fate = lost.join(1)
        self.task = self.worker = None
        if self._tries < TRIES:
            self.task = task
            self._tries += 1
            self._send(task)
            return None
        return lost_for_good(task, fate)

    def _send(self, task: Task) -> None:
        if self.worker and not self.worker.alive:  # killed while it was idle
            self.worker.join(0)
            self.worker = None
        if not self.worker:
            self.worker = WorkerProcess(self._environment)
        self.worker.send(task)


def ready(busy: Sequence[Slot], seconds: float) -> list[Slot]:
    """Wait at most so long; return the slots whose worker has answered or ended."""
    workers = {slot.worker: slot for slot in busy if slot.worker}
    answered = wait([worker.connection for worker in workers], seconds)
    return [
        slot
        for worker, slot in workers.items()
        if worker.connection in answered or not worker.alive
    ]


def stop(slots: Iterable[Slot]) -> None:
    """End the workers: at once where they are idle, else when they have saved their run."""
    workers = []
    for slot in slots:
        if slot.worker:
            workers.append(slot.worker)
            if slot.task:
                slot.worker.terminate()
            else:
                slot.worker.connection.close()
        slot.task = slot.worker = None
    last = time.monotonic() + GRACE_SECONDS
    for worker in workers:
        worker.join(max(0, last - time.monotonic()))


def lost_for_good(task: Task, fate: str) -> Done:
    """Return what came of a task that lost its worker TRIES times; `fate` says how, the last."""
    return Done(
        task, None,
        WorkerLost(
            f"task {task.name}: its worker process {fate} ({TRIES} tries); "
            "if the memory was full, run fewer jobs at a time"
        ),
    )  # fmt: skip


def read(task: Task, answer: bytes) -> Done:
    """Return what a worker sent, an answer of `nnlab.jobs.worker`."""
    try:
        result, error, where = pickle.loads(answer)  # noqa: S301 - of our own process
    except Exception as fault:  # noqa: BLE001 - a result of a class that only the worker can load
        return Done(task, None, fault)
    if error:
        error.__cause__ = WorkerTraceback(where)
    return Done(task, result, error)
