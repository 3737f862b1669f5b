"""What a sweep is asked to do: the part of sweep.json that decides every trial."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from nnlab.config.strict import StrictModel
from nnlab.experiments import EXPERIMENTS

MOST_TRIALS = 1_000_000
MOST_SEEDS = 10_000
GENERATION = 4  # trials that TPE proposes at a time
Direction = Literal["minimize", "maximize"]
Search = Literal["grid", "random", "tpe"]
Keys = dict[str, Any]
"""Config key -> value, as JSON has it."""


class Choices(StrictModel):
    """The values that a key can have, in the order that the user gave.

    Attributes:
        values: the values, as JSON has them; a value may be a list or a mapping.
    """

    values: list[Any] = Field(min_length=1)

    def holds(self, value: object) -> bool:
        """Return whether the key can have this value."""
        return value in self.values


class Range(StrictModel):
    """The interval of the values that a key can have.

    Attributes:
        low, high: its ends; both can be drawn.
        log: whether the logarithm is drawn evenly.
        whole: whether only whole numbers are drawn.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def holds(self, value: object) -> bool:
        """Return whether the key can have this value."""
        fits = not self.whole or isinstance(value, int)
        return isinstance(value, int | float) and fits and self.low <= value <= self.high


Axis = Choices | Range


class Plan(StrictModel):
    """What a sweep is asked to do.

    Attributes:
        experiment: the experiment's name.
        base: the keys that all trials share, beside the experiment's defaults.
        space: the keys that are searched, and their values, in the order that the user gave.
        search: how settings are chosen.
        trials: number of settings.
        seed: seed of the search.
        metric: the metric that decides.
        direction: whether a small or a large value is better.
        seeds: runs of each setting; trial k on seed s is paired with every other trial on seed s.
        first_seed: the seed of the first of them; the others follow.
        race: whether a setting is dropped when it is worse than the leader beyond chance.
        prune: whether runs are stopped early by successive halving.
        reruns: runs of the best setting, on fresh seeds, at the end.
    """

    experiment: str
    base: Keys
    space: dict[str, Axis] = Field(min_length=1)
    search: Search
    trials: int = Field(ge=1, le=MOST_TRIALS)
    seed: int = Field(ge=0)
    metric: str
    direction: Direction
    seeds: int = Field(1, ge=1, le=MOST_SEEDS)
    first_seed: int = Field(0, ge=0, lt=2**32)
    race: bool = False
    prune: bool = False
    reruns: int = Field(5, ge=0, le=MOST_SEEDS)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        """Refuse what no sweep can do: sweep.json may have been changed by hand."""
        experiment = EXPERIMENTS.get(self.experiment)
        if experiment is None or not experiment.sought:
            raise ValueError(f"there is no experiment {self.experiment!r} that can be swept")
        if self.metric not in {metric.name for metric in experiment.metrics}:
            raise ValueError(f"{self.experiment} has no metric {self.metric!r}")
        ranges = {key: axis for key, axis in self.space.items() if isinstance(axis, Range)}
        for key, axis in ranges.items():
            if axis.low >= axis.high or (axis.log and axis.low <= 0):
                raise ValueError(f"{key} has no range from {axis.low} to {axis.high}")
        if self.search == "grid" and ranges:
            raise ValueError(f"a grid has no ranges, as {', '.join(ranges)}")
        return self

    @property
    def paired(self) -> range:
        """The seeds of each setting."""
        return range(self.first_seed, self.first_seed + self.seeds)

    @property
    def fresh(self) -> range:
        """The seeds on which the best setting is run again."""
        return range(self.paired.stop, self.paired.stop + self.reruns)

    def keys(self, setting: Keys, seed: int) -> Keys:
        """Return the config keys of the run of a setting on a seed."""
        return {**self.base, **setting, "seed": seed}

    def better(self, value: float, than: float) -> bool:
        """Return whether `value` is better than another."""
        return value < than if self.direction == "minimize" else value > than
