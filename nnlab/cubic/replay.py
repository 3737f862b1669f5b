"""Train a run again, to look at its network in the middle.

Everything random of a run follows from its config, so each of its states can be computed again,
to the bit. A run therefore stores no state but the last, and what is measured on the way can be
chosen afterwards.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from threadpoolctl import ThreadpoolController

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.divergence import check_finite, squared_errors
from nnlab.cubic.engines import Descent, descent
from nnlab.cubic.network import Parameters
from nnlab.cubic.points import Points
from nnlab.cubic.state import State, initial_state
from nnlab.cubic.walk import walk
from nnlab.runs import copies
from nnlab.runs.recorded import unchanged_config
from nnlab.runs.saved import SavedRun


def config_of(saved: SavedRun) -> CubicConfig:
    """Return the config of a saved run, with its copies of input files that have changed.

    Raises:
        UsageError: config.yaml or run.json is missing or damaged, or they contradict each other;
            or an input file is missing or has changed, and the run has no copy of it.
    """
    config = unchanged_config(saved, CubicConfig)
    return copies.as_begun(config, saved.path, saved.record.get("inputs", {}))


def finite_steps(saved: SavedRun, config: CubicConfig) -> int | None:
    """Return the last step of a run after which its network is surely finite.

    None if the run has neither finished nor diverged.
    """
    if saved.record["status"] == "completed":
        return config.steps_per_epoch * config.epochs
    if (step := saved.diverged_step) is not None:
        return max(0, step - 2)  # after step - 1 the network may hold infinities
    return None


def states(
    config: CubicConfig,
    steps: Iterable[int],
    start: State | None = None,
    told: Callable[[int], object] = lambda _: None,
) -> Iterator[tuple[int, Parameters]]:
    """Train with `config`, and yield the parameters after each of the wanted steps.

    Nothing is written. The engine, the samples, their order and the threads are those of a run.

    Args:
        config: the config of the run; `Points(config)` are its points.
        steps: gradient steps, in any order; 0 is the start. Training ends with the largest.
        start: a state of the run to go on from, by default the one before the first step. Its
            arrays are changed.
        told: called with the number of steps taken, several times a second.

    Yields:
        Step and a copy of W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes` and the run's
        dtype; the steps ascend.

    Raises:
        ValueError: a step is before `start`, or more than the run has.
        DivergedError: a loss, or a parameter of a wanted step, is not finite.
        UsageError: an input file cannot be used; the engine is not installed.
    """
    wanted, total = sorted(set(steps)), config.steps_per_epoch * config.epochs
    if wanted and not (start.step if start else 0) <= wanted[0] <= wanted[-1] <= total:
        raise ValueError(
            f"steps {wanted[0]:,} to {wanted[-1]:,} are wanted of a run that takes {total:,}"
        )
    take_steps, _ = descent(config)
    libraries = ThreadpoolController()  # those that the steps use: to look for them takes 1 ms
    trained = _train(config, take_steps, wanted, start or initial_state(config), told)
    for _ in wanted:
        with libraries.limit(limits=config.blas_threads, user_api="blas"):
            state = next(trained)  # the caller works without this limit
        yield state


def _train(
    config: CubicConfig,
    take_steps: Descent,
    wanted: Sequence[int],
    start: State,
    told: Callable[[int], object],
) -> Iterator[tuple[int, Parameters]]:
    """Yield the states after the `wanted` steps, which ascend; the rest as in `states`."""
    parameters, awaited = start.parameters, set(wanted)
    if start.step in awaited:
        yield start.step, _copy(parameters)
    every = config.steps_per_epoch
    for part in walk(config, Points(config), start.step, wanted[-1], every=every, stops=wanted):
        squared_errors(config, take_steps(parameters, part.x, part.y), part.begin)
        told(part.end)
        if part.end in awaited:
            check_finite(config, part.end, float("nan"), parameters)
            yield part.end, _copy(parameters)


def _copy(parameters: Parameters) -> Parameters:
    return {name: array.copy() for name, array in parameters.items()}
