"""How many tasks travel together, and when they are taken from the caller."""

from collections import deque
from collections.abc import Iterator
from itertools import count, islice

from nnlab.jobs.ray_pack import Job
from nnlab.jobs.ray_queue import LARGEST_PACK, Queue
from nnlab.jobs.task import Needs, Task


def endless() -> Iterator[Task]:
    return (Task(str(number), "f") for number in count())


def sizes(queue: Queue, free: int, cpus: int = 4) -> list[int]:
    return [len(jobs) for jobs in queue.packs(free, cpus)]


def test_one_task_a_cpu_until_their_duration_is_known() -> None:
    tasks = endless()
    assert sizes(Queue(tasks, deque()), 3) == [1, 1, 1]
    assert next(tasks).name == "3"  # no more were taken


def test_short_tasks_travel_together() -> None:
    assert sizes(Queue(endless(), deque([0.1])), 2) == [20, 20]
    assert sizes(Queue(endless(), deque([1e-9])), 1) == [LARGEST_PACK]
    assert sizes(Queue(endless(), deque([60.0])), 2) == [1, 1]


def test_packs_are_larger_where_one_driver_feeds_many_cpus() -> None:
    assert sizes(Queue(endless(), deque([0.1])), 1, 1_000) == [100]


def test_few_tasks_are_shared_by_all_cpus() -> None:
    assert sizes(Queue(islice(endless(), 7), deque([0.1])), 3) == [3, 2, 2]
    assert sizes(Queue(islice(endless(), 2), deque([0.1])), 3) == [1, 1]
    assert sizes(Queue(islice(endless(), 2), deque([0.1])), 0) == []


def test_tasks_that_come_back_are_the_next() -> None:
    queue = Queue(endless(), deque())
    queue.put_back([Job(Task("x", "f")), Job(Task("y", "f"))])
    assert [job.task.name for jobs in queue.packs(3, 3) for job in jobs] == ["x", "y", "0"]


def test_tasks_of_other_needs_travel_apart() -> None:
    other = Needs(gpu=True)
    tasks = [Task("a", "f"), Task("b", "f"), Task("c", "f", needs=other), Task("d", "f")]
    queue = Queue(iter(tasks), deque([0.001]))
    assert sizes(queue, 1) == [2]
    assert sizes(queue, 1) == [1]
    assert sizes(queue, 1) == [1]


def test_a_caller_that_has_no_task_now_is_asked_again() -> None:
    queue = Queue(iter([None, Task("a", "f")]), deque())
    assert sizes(queue, 1) == []
    assert sizes(queue, 1) == [1]
