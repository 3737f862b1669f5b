"""The state of a training, and how a checkpoint stores it."""

from dataclasses import dataclass, field
from typing import Annotated, Self

import numpy as np
from pydantic import Field, NonNegativeFloat

from nnlab import seeds
from nnlab.cubic import data, input_files
from nnlab.cubic.config import CubicConfig, NetworkConfig
from nnlab.cubic.divergence import check_finite
from nnlab.cubic.metrics import METRICS
from nnlab.cubic.network import Array, Parameters, initial_parameters, shapes
from nnlab.runs.checkpoint_file import Checkpoint, Count, Facts
from nnlab.runs.run import Run

Fit = Annotated[list[float], Field(min_length=len(data.GRID), max_length=len(data.GRID))]

MOST_FRAMES = 1000  # if resumes add more, every second frame is dropped


class Position(Facts):
    """The state of a training except its arrays; see State."""

    step: Count = 0
    squared_error: NonNegativeFloat = 0.0
    seen: Count = 0
    frames: list[tuple[Count, Fit]] = Field(default_factory=list, max_length=MOST_FRAMES)

    def fault(self, config: CubicConfig, rows: int) -> str:
        """Return what contradicts a run with `rows` logged rows; "" if nothing does."""
        logged, since = divmod(self.step, config.steps_per_log_point)
        if rows != logged:
            return f"rows is {rows:,}; at step {self.step:,} it should be {logged:,}"
        if bool(self.seen) != bool(since):
            return f"seen is {self.seen:,}, and {since:,} steps were taken since a row was logged"
        return ""

    def logged(self, config: CubicConfig) -> set[str]:  # noqa: ARG002 - as inherited
        """Return the columns of metrics.csv."""
        return {metric.name for metric in METRICS}


@dataclass
class State:
    """Everything that training changes.

    Attributes:
        parameters: W1 b1 W2 b2 W3 b3.
        step: gradient steps taken.
        squared_error: sum of (y - f)^2 since the last log point, over `seen` samples.
        frames: (step, f on the grid) of each frame of the animation.
    """

    parameters: Parameters
    step: int = 0
    squared_error: float = 0.0
    seen: int = 0
    frames: list[tuple[int, Array]] = field(default_factory=list)

    @classmethod
    def of(cls, saved: Checkpoint[Position]) -> Self:
        """Return the state stored in a checkpoint."""
        position = saved.about.facts
        return cls(
            {name: np.array(saved.arrays[name]) for name in shapes(1)},
            position.step,
            position.squared_error,
            position.seen,
            [(step, np.array(fit)) for step, fit in position.frames],
        )


def first_parameters(config: NetworkConfig, dtype: str = "float64") -> Parameters:
    """Return the parameters before the first step: from a file, or random.

    Raises:
        UsageError: the file cannot be used.
    """
    if config.init_from:
        return input_files.read_parameters(config.init_from, config.hidden, dtype)
    rng, recycled = seeds.generator(config.seed, seeds.Purpose.INIT), config.init == "recycled"
    return initial_parameters(config.hidden, config.init_scale, rng, dtype, recycled=recycled)


def blank(config: CubicConfig) -> Parameters:
    """Return parameters with the shapes and type of a checkpoint; their values have no meaning."""
    return {name: np.empty(s, config.dtype) for name, s in shapes(config.hidden).items()}


def initial_state(config: CubicConfig) -> State:
    """Return the state before the first step. It depends only on the config and its input file."""
    return State(first_parameters(config, config.dtype))


def save(config: CubicConfig, state: State, run: Run) -> None:
    """Write a checkpoint; DivergedError if the network is not finite."""
    loss, fits = state.squared_error / max(1, state.seen), [fit for _, fit in state.frames]
    check_finite(config, state.step, loss, state.parameters, *fits)
    frames = [(step, fit.tolist()) for step, fit in state.frames]
    position = Position(
        step=state.step, squared_error=state.squared_error, seen=state.seen, frames=frames
    )
    run.checkpoint(state.parameters, position)
