"""Measure what a task costs beside its function: `nnlab.jobs` and concurrent.futures, side by side.

python benchmarks/jobs.py
"""

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from timing import ROUNDS, alternate, print_table

from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task

JOBS = 2
TASKS = 500


def ours(pool: Pool, tasks: int) -> None:
    """Make so many calls in a pool of `nnlab.jobs`."""
    calls = (Task(str(number), "builtins:dict", {"number": number}) for number in range(tasks))
    for done in pool.map(calls):
        assert done.result == {"number": int(done.task.name)}


def theirs(pool: ProcessPoolExecutor, tasks: int) -> None:
    """Make so many calls in a pool of the standard library."""
    futures = {pool.submit(dict, number=number): number for number in range(tasks)}
    for done in as_completed(futures):
        assert done.result() == {"number": futures[done]}


def executor() -> ProcessPoolExecutor:
    """Return a pool of the standard library, whose workers start with a new Python, too."""
    return ProcessPoolExecutor(JOBS, get_context("spawn"))


def started_ours() -> None:
    """Start a pool, give each worker a task, end the pool."""
    with Pool(JOBS) as pool:
        ours(pool, JOBS)


def started_theirs() -> None:
    """Start a pool, give each worker a task, end the pool."""
    with executor() as pool:
        theirs(pool, JOBS)


def main() -> None:
    """Print the table."""
    with Pool(JOBS) as kept, executor() as other:
        warm = alternate(
            {"nnlab": lambda: ours(kept, TASKS), "other": lambda: theirs(other, TASKS)}
        )
    cold = alternate({"nnlab": started_ours, "other": started_theirs})
    rows = [
        (name, *(f"{1000 * seconds[key] / tasks:.2f}" for key in ("nnlab", "other")))
        for name, seconds, tasks in (
            ("a task, warm workers", warm, TASKS), ("a pool, from start to end", cold, 1)
        )
    ]  # fmt: skip
    header = ["milliseconds", "nnlab.jobs", "ProcessPoolExecutor (spawn)"]
    print_table(f"{JOBS} workers, medians of {ROUNDS}", header, rows)


if __name__ == "__main__":
    main()
