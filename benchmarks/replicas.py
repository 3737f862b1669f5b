"""Measure how much faster runs that differ in their seed alone are when they are trained together.

    python benchmarks/replicas.py [STEPS]

Eight whole runs of `nnlab cubic --engine numba --no-plots`, with their directories and checkpoints:
one after another on one core, together on two threads (`nnlab.experiments.launch_together`), and,
as a peer, in two worker processes (`nnlab.jobs`). And the compiled steps alone, without runs. All
alternatives of a table take turns.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import alternate, print_table

from nnlab.config.resolve import resolve
from nnlab.cubic import data
from nnlab.cubic.compiled import compiled_descent
from nnlab.cubic.compiled_replicas import Replicas
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.state import initial_state
from nnlab.experiments import EXPERIMENTS, launch, launch_together
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task

CUBIC, SEEDS, CORES, ROUNDS = EXPERIMENTS["cubic"], range(8), 2, 5


def keys(steps: int, seed: int) -> dict[str, object]:
    """Return the config of a run."""
    return {"engine": "numba", "samples": steps, "seed": seed}


def train_one(folder: str, steps: int, seed: int) -> None:
    """Train one run."""
    resolved = resolve(CUBIC.config, None, keys(steps, seed))
    launch(CUBIC, resolved, command="", run_dir=Path(folder, f"{seed}"), pictures=False)


def train_together(folder: str, steps: int) -> None:
    """Train all runs together."""
    ends = launch_together(
        CUBIC, [resolve(CUBIC.config, None, keys(steps, seed)) for seed in SEEDS], command="",
        run_dirs=[Path(folder, f"{seed}") for seed in SEEDS], pictures=False, threads=CORES,
    )  # fmt: skip
    for end in ends:
        if isinstance(end, Exception):
            raise end


def train_in(pool: Pool, folder: str, steps: int) -> None:
    """Train all runs in the workers of a pool."""
    call = f"{Path(__file__).stem}:train_one"
    tasks = (
        Task(f"{seed}", call, {"folder": folder, "steps": steps, "seed": seed}) for seed in SEEDS
    )
    for done in pool.map(tasks):
        if done.error:
            raise done.error


def runs(steps: int) -> dict[str, float]:
    """Return the seconds of whole runs."""

    def somewhere(train: Callable[[str], object]) -> Callable[[], None]:
        def work() -> None:
            with tempfile.TemporaryDirectory() as folder:
                train(folder)

        return work

    def in_turn(folder: str) -> None:
        for seed in SEEDS:
            train_one(folder, steps, seed)

    with Pool(CORES, threads=1) as pool:
        return alternate(
            {
                "one after another": somewhere(in_turn),
                f"together, {CORES} threads": somewhere(lambda f: train_together(f, steps)),
                f"{CORES} processes": somewhere(lambda f: train_in(pool, f, steps)),
            },
            ROUNDS,
        )


def steps_alone(steps: int) -> dict[str, float]:
    """Return the seconds of the compiled steps, without runs."""
    configs = [CubicConfig.model_validate(keys(steps, seed)) for seed in SEEDS]
    samples = dict(enumerate(data.points(config) for config in configs))
    first = [initial_state(config).parameters for config in configs]
    some = configs[0]

    def in_turn() -> None:
        for seed, start in enumerate(first):
            own = {name: np.array(array) for name, array in start.items()}
            compiled_descent(own, *samples[seed], some.lr, some.batch_size)

    def together(threads: int) -> None:
        replicas = Replicas(
            len(first), some.hidden, some.dtype, lr=some.lr, batch_size=some.batch_size,
            threads=threads,
        )  # fmt: skip
        for seed, start in enumerate(first):
            replicas.adopt(seed, dict(start))
        replicas.descend(samples)

    return alternate(
        {
            "one after another": in_turn,
            "together, 1 thread": lambda: together(1),
            f"together, {CORES} threads": lambda: together(CORES),
        },
        ROUNDS,
    )


def main() -> None:
    """Print the tables."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for title, found in (("whole runs", runs(steps)), ("the steps alone", steps_alone(steps))):
        base = found["one after another"]
        rows = [(name, f"{s:.2f}", f"{base / s:.2f}") for name, s in found.items()]
        said = f"{len(SEEDS)} seeds of {steps:,} steps, {title}: medians of {ROUNDS}"
        print_table(said, ["how", "seconds", "times as fast"], rows)


if __name__ == "__main__":
    main()
