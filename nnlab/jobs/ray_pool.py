"""The equal of `nnlab.jobs.pool.Pool` on a Ray cluster: the same tasks, the same bytes.

Ray starts the workers and finds a free one. The rest is here: small tasks travel in packs, so that
Ray's own time for a call counts little; files come back while a task runs; and a task whose worker
or node dies goes on elsewhere from the files that came back.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nnlab.console.view import Silent, View
from nnlab.jobs import ray_entry
from nnlab.jobs.pool import TICK_SECONDS, variables
from nnlab.jobs.ray_cluster import joined
from nnlab.jobs.ray_digest import digest
from nnlab.jobs.ray_entry import Begun, Wanted
from nnlab.jobs.ray_events import DataMissing, Over, next_event
from nnlab.jobs.ray_files import swept
from nnlab.jobs.ray_node import Ended, Saved
from nnlab.jobs.ray_nodes import prepare
from nnlab.jobs.ray_pack import Job, Pack
from nnlab.jobs.ray_queue import REMEMBERED, Queue
from nnlab.jobs.ray_starts import Starts
from nnlab.jobs.ray_versions import ALWAYS, versions
from nnlab.jobs.task import Done, Needs, Task
from nnlab.runs import provenance
from nnlab.runs.signals import Signals

WRITERS = 16  # threads that write files


class RayPool(AbstractContextManager["RayPool"]):
    """Makes the calls of tasks on the nodes of a Ray cluster, each with one CPU.

    Signals are as in Pool, but runs on nodes cannot be asked to save their state: what has come
    back is kept, that of some seconds ago.

    Args:
        address: `auto`, `local`, or the address of the cluster.
        jobs: the number of tasks that may run at a time; None for one on each CPU of the cluster.
        view: shows that the pool is stopping.

    Attributes:
        threads: the threads of each call.
    """

    threads = 1

    def __init__(self, address: str, jobs: int | None = None, view: View | None = None) -> None:
        self._address, self._jobs = address, jobs
        self._view = view or Silent()
        self._signals = Signals(self._view)
        self._stack = ExitStack()
        self._packs: dict[Any, Pack] = {}  # the generator of Ray -> what it works on
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)
        self._homes: set[Path] = set()  # in which files have been put
        self._wanted: dict[Needs, Wanted] = {}  # what was looked at on each node
        commit = provenance.describe()["git_commit"]
        self._environment = variables(self.threads) | (
            {provenance.COMMIT: str(commit)} if commit else {}
        )

    def __enter__(self) -> Self:
        """Join the cluster, and look whether every node can do the work.

        Raises:
            UsageError: there is no cluster at the address, or a node has other versions.
        """
        with ExitStack() as stack:
            self._writers = stack.enter_context(ThreadPoolExecutor(WRITERS))
            self._head = stack.enter_context(joined(self._address, self._jobs, self._environment))
            import ray

            stack.enter_context(self._signals)  # after Ray has set handlers of its own
            self._signals.hold()
            self._remote = ray.remote(ray_entry.pack)  # sent to the head once, with its first call
            self._prepare(Needs())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._stack:
            self._cancel()
            if error is None:
                self._signals.check()

    def map(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield what came of each task, as they end.

        Tasks are taken from `tasks` when CPUs are free for them. If this iterator is closed before
        its end, the tasks that are running are stopped.

        Raises:
            Interrupted: a signal arrived; nothing is running any more.
            UsageError: a node that joined the cluster has other versions.
            ClusterLost: the cluster ended, or no worker lives long enough to begin.
        """
        import ray

        queue = Queue(iter(tasks), self._seconds)
        self._starts = Starts(self._view)
        try:
            self._feed(queue)
            while self._packs or queue.waiting:
                self._check()
                running = list(self._packs)
                if not running:  # after a start that failed
                    time.sleep(TICK_SECONDS)
                    self._feed(queue)
                    continue
                if not ray.wait(running, timeout=TICK_SECONDS)[0]:
                    self._feed(queue)  # a node may have joined
                    continue
                ready, _ = ray.wait(running, num_returns=len(running), timeout=0)
                done = self._take(ready, queue)
                self._feed(queue)  # before the caller looks at what is done
                yield from done
        finally:
            self._cancel()

    @property
    def _running(self) -> bool:
        """Whether a pack has begun, and is not over."""
        return any(pack.node for pack in self._packs.values())

    def _check(self) -> None:
        """Raise what ends the work: a signal, or the end of the cluster."""
        self._signals.check()
        self._head.check()

    def _feed(self, queue: Queue) -> None:
        """Send packs to the CPUs that are free."""
        self._starts.look(running=self._running)
        if self._starts.pausing:
            return
        room = min(self._head.cpus, self._jobs or self._head.cpus)
        for jobs in queue.packs(room - len(self._packs), room):
            self._send(jobs, queue.seconds(room))

    def _send(self, jobs: list[Job], seconds: float) -> None:
        for home in {job.task.home for job in jobs if job.task.home} - self._homes:
            swept(home)
            self._homes.add(home)
        needs = jobs[0].task.needs
        if needs not in self._wanted:
            self._prepare(needs)
        call = self._remote.options(
            num_cpus=1, num_gpus=int(needs.gpu and self._head.gpus > 0), num_returns="streaming",
            max_retries=0,
        )  # fmt: skip
        calls = [job.call() for job in jobs]
        generator = call.remote(calls, self._wanted[needs], self._environment, seconds)
        self._packs[generator] = Pack(jobs)

    def _prepare(self, needs: Needs) -> None:
        """Look whether every node has what such tasks need; send it the data that it lacks."""
        files = {str(path): digest(str(path)) for path in needs.files}
        wanted = Wanted(versions((*ALWAYS, *needs.packages)), files, needs.data)
        self._wanted[needs] = prepare(wanted, self._check)

    def _take(self, ready: list[Any], queue: Queue) -> list[Done]:
        """Take one event of each pack that has one; return the tasks that have ended.

        Files are written by several threads: each waits for the disk.
        """
        done: list[Done | None] = []
        files: list[tuple[Pack, Saved | Ended]] = []
        for generator in ready:
            pack, event = self._packs[generator], next_event(generator)
            if isinstance(event, Over):
                del self._packs[generator]
                left, given_up = pack.over(event.lost)
                queue.put_back(left)
                if event.lost and not pack.node:
                    self._starts.failed(event.lost, running=self._running)
                done.append(given_up)
            elif isinstance(event, DataMissing):  # on a node that has joined
                self._prepare(pack.needs)
            elif isinstance(event, Begun):
                pack.node = event.node
                self._starts.succeeded()
            else:
                files.append((pack, event))
        self._seconds.extend(each.seconds for _, each in files if isinstance(each, Ended))
        done += self._writers.map(lambda one: one[0].heard(one[1]), files)
        return [each for each in done if each]

    def _cancel(self) -> None:
        """Stop what is running."""
        import ray

        for generator in self._packs:
            with suppress(ray.exceptions.RayError):
                ray.cancel(generator, force=True)
        self._packs.clear()
