"""Worker processes on this machine: one task each, the next as soon as one is done."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from nnlab.console.view import Silent, View
from nnlab.cores import cores
from nnlab.jobs.slot import Slot, ready, stop
from nnlab.jobs.task import Done, Task
from nnlab.runs.signals import Signals

TICK_SECONDS = 0.1  # between two looks for a signal


class Pool(AbstractContextManager["Pool"]):
    """Workers that make the calls of tasks. They start with their first task, and are kept.

    A worker that is killed, by somebody or because the memory is full, costs only what its task has
    not saved: another worker begins the task again.

    While the pool is entered, Ctrl-C, SIGTERM and SIGHUP stop it in order: `map` sends SIGTERM to
    the workers, waits until their runs have saved their state, and raises Interrupted. A second
    Ctrl-C leaves at once. No worker outlives this process, nor the thread that calls `map`.

    Args:
        jobs: the number of workers.
        threads: the threads of each worker; by default all workers together use each core once.
        view: shows that the pool is stopping.

    Attributes:
        threads: the threads of each worker.
    """

    def __init__(self, jobs: int, threads: int | None = None, view: View | None = None) -> None:
        self.threads = threads or max(1, cores() // jobs)
        environment = variables(self.threads)
        self._slots = [Slot(environment) for _ in range(jobs)]
        self._signals = Signals(view or Silent())

    def __enter__(self) -> Self:
        self._signals.__enter__()
        self._signals.hold()  # until `map` looks: the caller is never interrupted half-way
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            stop(self._slots)
            if error is None:
                self._signals.check()
        finally:
            self._signals.__exit__(None, None, None)

    def map(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what came of each task, as they end.

        A task is taken from `tasks` when a worker is free. If this iterator is closed before its
        end, the tasks that are running are stopped.

        Raises:
            Interrupted: a signal arrived; nothing is running any more.
        """
        queue = iter(tasks)

        def feed(slot: Slot) -> None:
            if task := next(queue, None):
                slot.give(task)

        try:
            for slot in self._slots:
                feed(slot)
            while busy := [slot for slot in self._slots if slot.task]:
                self._signals.check()
                for slot in ready(busy, TICK_SECONDS):
                    if done := slot.take():
                        feed(slot)  # before the caller looks at what is done
                        yield done
        finally:
            stop(slot for slot in self._slots if slot.task)


def variables(threads: int) -> dict[str, str]:
    """Return the environment of a worker that may use so many threads.

    Only what cannot change a result follows `threads`: TensorFlow's threads that run whole
    operations, and Numba's that run whole replicas. A number of BLAS threads shapes sums; an
    experiment sets it from its config, and everything else gets one.
    """
    blas = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    whole = ("TF_NUM_INTEROP_THREADS", "NUMBA_NUM_THREADS")
    pictures = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}  # as for a command of nnlab
    return dict.fromkeys(blas, "1") | dict.fromkeys(whole, str(threads)) | pictures
