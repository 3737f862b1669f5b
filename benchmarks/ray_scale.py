"""Measure what a trial costs beside its training: the pool, and Ray with and without packs.

python benchmarks/ray_scale.py

The trials do nothing, or only write the files of a small run, or sleep. Sleeping needs no core, so
Ray can be told that this machine has more of them: then the driver's own limit shows.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from timing import print_table

from nnlab.console.view import Silent
from nnlab.jobs import ray_queue
from nnlab.jobs.task import Task
from nnlab.jobs.where import Workers, opened

TRIALS = 10_000
FEW = 1_000  # of those that travel alone, or write files
JOBS = 2
MANY = (4, 16, 48)  # CPUs that Ray is told of
SLEEP = 0.2  # seconds
FILES: Mapping[str, int] = {  # bytes of the files of a small run
    "config.yaml": 1_500, "run.json": 3_000, "metrics.csv": 5_000, "model.npz": 20_000,
    "checkpoint/last.safetensors": 25_000, "checkpoint/best.safetensors": 25_000,
}  # fmt: skip


def nothing(seconds: float = 0) -> None:
    """Sleep."""
    time.sleep(seconds)


def write(home: Path, run: str) -> None:
    """Write the files of a small run."""
    for name, count in FILES.items():
        path = home / run / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(count))


def sleeping(trials: int, seconds: float = 0) -> Iterator[Task]:
    """Yield trials that sleep."""
    for number in range(trials):
        yield Task(str(number), "ray_scale:nothing", {"seconds": seconds})


def writing(trials: int, home: Path) -> Iterator[Task]:
    """Yield trials that write a run in `home`."""
    for number in range(trials):
        run = f"runs/{number}"
        yield Task(str(number), "ray_scale:write", {"run": run}, home, (run,))


def timed(workers: Workers, tasks: Iterator[Task]) -> tuple[float, float]:
    """Return the seconds of some trials, and the seconds of processor that this process took."""
    begin, busy = time.perf_counter(), time.process_time()
    for done in workers.map(tasks):
        assert done.error is None, done.error
    return time.perf_counter() - begin, time.process_time() - busy


def costs(ray: str | None) -> Iterator[tuple[str, int, float, float]]:
    """Yield (what, trials, seconds, driver's seconds) of workers of one kind."""
    with opened(JOBS, ray, Silent()) as workers, tempfile.TemporaryDirectory() as folder:
        timed(workers, sleeping(100))
        name = "pool" if ray is None else "Ray, packed"
        yield f"{name}: nothing", TRIALS, *timed(workers, sleeping(TRIALS))
        yield f"{name}: a small run", FEW, *timed(workers, writing(FEW, Path(folder)))
        if ray:
            largest, ray_queue.LARGEST_PACK = ray_queue.LARGEST_PACK, 1
            yield "Ray, not packed: nothing", FEW, *timed(workers, sleeping(FEW))
            ray_queue.LARGEST_PACK = largest


def main() -> None:
    """Print the tables."""
    rows = [
        (what, f"{trials:,}", f"{1000 * seconds / trials:.2f}", f"{1000 * busy / trials:.2f}")
        for ray in (None, "local")
        for what, trials, seconds, busy in costs(ray)
    ]
    header = ["trials", "number", "milliseconds a trial", "of these, the driver's processor"]
    print_table(f"{JOBS} workers, one measurement each", header, rows)
    scaling = []
    for cpus in MANY:
        with opened(cpus, "local", Silent()) as workers:
            timed(workers, sleeping(4 * cpus, SLEEP))  # the workers start
            trials = 100 * cpus
            seconds, busy = timed(workers, sleeping(trials, SLEEP))
        ideal = SLEEP * trials / cpus
        scaling.append(
            (str(cpus), f"{trials:,}", f"{trials / seconds:.0f}", f"{ideal / seconds:.2f}",
             f"{busy / seconds:.2f}")
        )  # fmt: skip
    header = ["CPUs", "trials", "trials a second", "efficiency", "share of a core for the driver"]
    print_table(f"Ray, trials that sleep for {SLEEP:g} s", header, scaling)


if __name__ == "__main__":
    main()
