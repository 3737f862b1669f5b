"""The runs of a study: one for each part, arm and seed, each with its name and config."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nnlab.config.resolve import Resolved, resolve
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, configs
from nnlab.study.results import Results
from nnlab.study.study import Keys, Name, Part

MOST_SEEDS = 10_000
QUICK_SEEDS = 3
SEEDS = 8  # from 6 pairs on, a sign test could fall below 5%


@dataclass(frozen=True)
class Settings:
    """How large a study is.

    Attributes:
        seeds: runs of each arm.
        quick: whether this is a smoke test.
        full: whether all of the training set is used.
        engine: the engine of `nnlab cubic`, where a part names none.
    """

    seeds: int = SEEDS
    quick: bool = False
    full: bool = False
    engine: str = "numpy"


@dataclass(frozen=True)
class Planned:
    """A run of a study.

    Attributes:
        part, arm, seed: what it is for.
        keys: the config keys that are not left at their defaults.
    """

    part: str
    arm: str
    seed: int
    keys: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of its run directory."""
        return f"{self.part}_{self.arm}_s{self.seed}"  # `Name` has no _: two runs never share one


def fastest_engine() -> str:
    """Return the fastest engine of `nnlab cubic` that is installed."""
    return "numba" if find_spec("numba") else "numpy"


def planned(part: Part, settings: Settings, results: Results) -> list[Planned]:
    """Return the runs of a part, arm by arm.

    Args:
        part: the part.
        settings: how large the study is.
        results: the results of the parts before it.

    Raises:
        UsageError: the experiment is unknown, or a config of an arm has faults.
    """
    if part.experiment not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise UsageError(
            f"part {part.name}: nnlab has no experiment {part.experiment!r}; it has {known}"
        )
    count = settings.seeds if part.seeds is None else min(part.seeds, settings.seeds)
    runs = [
        Planned(part.name, arm, seed, {**keys, "seed": seed})
        for arm, keys in _arms(part, settings, results)
        for seed in range(part.first_seed, part.first_seed + count)
    ]
    for run in runs:
        resolved(part, run)
    return runs


def resolved(part: Part, run: Planned) -> Resolved[Any]:
    """Return the checked config of a run. Raises UsageError if it has faults."""
    try:
        return resolve(EXPERIMENTS[part.experiment].config, None, run.keys, configs())
    except UsageError as error:
        raise UsageError(f"part {run.part}, arm {run.arm}: {error}") from None


def _arms(part: Part, settings: Settings, results: Results) -> Iterator[tuple[str, Keys]]:
    """Yield each arm's name and all its keys but the seed."""
    try:
        arms = part.arms(results) if callable(part.arms) else part.arms
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise UsageError(f"part {part.name}: its `arms` failed: {said}") from error
    try:
        TypeAdapter(dict[Name, dict[str, Any]]).validate_python(arms)
    except ValidationError as error:
        raise UsageError(
            f"part {part.name}: its arms are no config keys by name: {error}"
        ) from None
    size = part.quick if settings.quick else part.full if settings.full else {}
    engine = {"engine": settings.engine} if part.experiment == "cubic" else {}
    for arm, keys in arms.items():
        yield arm, {**engine, **part.base, **keys, **size}
