"""Train a run again, to look at its network in the middle.

Everything random of a run follows from its config, so each of its states can be computed again,
to the bit. A run therefore stores no state but the last, and what is measured on the way can be
chosen afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence

from threadpoolctl import ThreadpoolController

from nnlab.config.resolve import resolve
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.divergence import check_finite, squared_errors
from nnlab.cubic.engines import Descent, descent
from nnlab.cubic.network import Parameters
from nnlab.cubic.pacing import chunks
from nnlab.cubic.state import initial_state
from nnlab.runs import copies
from nnlab.runs.saved import SavedRun


def config_of(saved: SavedRun) -> CubicConfig:
    """Return the config of a saved run, with its copies of input files that have changed.

    Raises:
        UsageError: config.yaml or run.json is missing or damaged.
    """
    config = resolve(CubicConfig, saved.path / "config.yaml", {}).config
    return copies.stand_in(config, saved.path, saved.record.get("inputs", {}))


def states(config: CubicConfig, steps: Iterable[int]) -> Iterator[tuple[int, Parameters]]:
    """Train with `config`, and yield the parameters after each of the wanted steps.

    Nothing is written. The engine, the samples, their order and the threads are those of a run.

    Args:
        config: the config of the run; `data.points(config)` are its points.
        steps: gradient steps, in any order; 0 is the start. Training ends with the largest.

    Yields:
        Step and a copy of W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes` and the run's
        dtype; the steps ascend.

    Raises:
        ValueError: a step is negative, or more than the run has.
        DivergedError: a loss, or a parameter of a wanted step, is not finite.
        UsageError: an input file cannot be used; the engine is not installed.
    """
    wanted, per_epoch = sorted(set(steps)), config.steps_per_epoch
    if wanted and not 0 <= wanted[0] <= wanted[-1] <= per_epoch * config.epochs:
        raise ValueError(
            f"steps {wanted[0]:,} to {wanted[-1]:,} are wanted of a run that takes "
            f"{per_epoch * config.epochs:,}"
        )
    take_steps, _ = descent(config)
    libraries = ThreadpoolController()  # those that the steps use: to look for them takes 1 ms
    trained = _train(config, take_steps, wanted)
    for _ in wanted:
        with libraries.limit(limits=config.blas_threads, user_api="blas"):
            state = next(trained)  # the caller works without this limit
        yield state


def _train(
    config: CubicConfig, take_steps: Descent, wanted: Sequence[int]
) -> Iterator[tuple[int, Parameters]]:
    """Yield the states after the `wanted` steps, which ascend; the rest as in `states`."""
    x, y = data.points(config)
    parameters, per_epoch = initial_state(config).parameters, config.steps_per_epoch
    if 0 in wanted:
        yield 0, _copy(parameters)
    for epoch in range(-(-wanted[-1] // per_epoch)):
        first, order = epoch * per_epoch, data.order(config, epoch, x)
        x_epoch, y_epoch = x[order], y[order]  # (samples, 1)
        for begin, end in chunks(first, min(first + per_epoch, wanted[-1]), per_epoch, wanted):
            chunk = slice((begin - first) * config.batch_size, (end - first) * config.batch_size)
            errors = take_steps(parameters, x_epoch[chunk], y_epoch[chunk])
            squared_errors(config, errors, begin)
            if end in wanted:
                check_finite(config, end, float("nan"), parameters)
                yield end, _copy(parameters)


def _copy(parameters: Parameters) -> Parameters:
    return {name: array.copy() for name, array in parameters.items()}
