"""Train runs that differ in their seed alone together, each as if it were alone."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from threadpoolctl import threadpool_limits

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.engines import descent
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array
from nnlab.cubic.train import Chunk, Training, training
from nnlab.runs.run import Run

Together = Callable[[Sequence[Run], int], list[Exception | None]]
"""(runs, threads) -> what ended each run, None for one that is complete."""


def together(configs: Sequence[CubicConfig]) -> Together | None:
    """Return the function that trains runs with these configs together.

    None if they cannot be: engine numpy, a single run, or keys other than the seed that differ.
    """
    alike = all(config == configs[0].model_copy(update={"seed": config.seed}) for config in configs)
    if len(configs) > 1 and alike and configs[0].engine == "numba":
        return partial(_train, configs)
    return None


def _train(
    configs: Sequence[CubicConfig], runs: Sequence[Run], threads: int
) -> list[Exception | None]:
    """Train all runs; one that fails, ends early or starts later does not disturb the others.

    The runs share their signals, which are held: every run looks for them between its chunks.

    Raises:
        UsageError: the engine is not installed.
    """
    config = configs[0]
    device = descent(config)[1]
    from nnlab.cubic.compiled_replicas import Replicas  # needs Numba, which `descent` has found

    replicas = Replicas(
        len(runs), config.hidden, config.dtype, lr=config.lr, batch_size=config.batch_size,
        kind=NETWORKS[config.gradient], threads=threads,
    )  # fmt: skip
    lives = [_life(config, run, device) for config, run in zip(configs, runs, strict=True)]
    ends: list[Exception | None] = [None] * len(runs)
    waiting: dict[int, Chunk] = {}

    def go_on(replica: int, errors: Array | None) -> None:
        """Let a run go on to its next chunk, or to its end."""
        waiting.pop(replica, None)
        try:
            waiting[replica] = lives[replica].send(errors)  # type: ignore[arg-type] # None: starts
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 - the others go on
            ends[replica] = error

    with threadpool_limits(config.blas_threads, "blas"), ExitStack() as at_the_end:
        for replica, life in enumerate(lives):
            at_the_end.callback(life.close)  # after a fault here, each run records that it failed
            go_on(replica, None)
        for replica, chunk in waiting.items():
            replicas.adopt(replica, chunk.parameters)
        while waiting:
            found = replicas.descend({r: (chunk.x, chunk.y) for r, chunk in waiting.items()})
            for replica, errors in found.items():
                go_on(replica, errors)
    return ends


def _life(config: CubicConfig, run: Run, device: str) -> Training:
    """Train one run, from making its directory to writing how it ended."""
    with run:
        yield from training(config, run, device)
