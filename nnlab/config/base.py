"""The base of every experiment's config: one pydantic model for each experiment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from nnlab.config.floats import FloatType, fault
from nnlab.config.strict import StrictModel, Whole
from nnlab.errors import UsageError
from nnlab.paths import NO_HOME, expanded


def _absolute(path: Path) -> Path:
    """Return `path` so that a run's config.yaml means the same place from everywhere."""
    try:
        return expanded(path).absolute()
    except UsageError:  # ~nobody
        raise ValueError(NO_HOME) from None


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]

# Keys that every training has; an experiment gives each its default.
Seed = Annotated[Whole, Field(ge=0, le=2**32 - 1, description="Random seed.")]
LearningRate = Annotated[float, Field(gt=0, description="Learning rate.")]
Epochs = Annotated[
    Whole,
    Field(
        ge=1,
        description="Passes over the training data; on resume the total, including those done.",
    ),
]
Shuffle = Annotated[bool, Field(description="Visit the data in a new random order every epoch.")]


def refuse_two_orders(order: str, *, shuffle: bool) -> None:
    """Raise ValueError for a config that shuffles, and also asks for another order."""
    if shuffle and order != "stored":
        raise ValueError(
            f"order {order} is for a training without shuffle, which is a new random order every "
            "epoch; add --no-shuffle (in YAML: shuffle: false)"
        )


class Config(StrictModel):
    """Base of every experiment's config."""

    may_change: ClassVar[frozenset[str]] = frozenset()
    """Keys that a resume may change: those that leave the steps already taken as they were."""

    lengthens: ClassVar[tuple[str, ...]] = ()
    """Keys that train a finished run further."""

    copies: ClassVar[Mapping[str, str]] = {}
    """Key that names an input file -> the copy of that file in the run directory."""

    packages: ClassVar[tuple[str, ...]] = ()
    """Libraries on whose versions the numbers depend, beside those of every experiment."""

    groups: ClassVar[Mapping[str, str]] = {}
    """The first key of each group of keys -> the group's title in help."""

    @classmethod
    def group(cls, key: str) -> str:
        """Return the title of the group of `key` in help."""
        keys = list(cls.model_fields)
        before = reversed(keys[: keys.index(key) + 1])
        return next((cls.groups[each] for each in before if each in cls.groups), "Keys")

    @property
    def published(self) -> str:
        """The module of published data that a run of this config trains on; "" if there are none.

        It has three functions: lacking() says whether this machine lacks the data; contents()
        returns name -> bytes of each file, or None if it does; keep(contents) stores them.
        """
        return ""

    @property
    def own_files(self) -> tuple[Path, ...]:
        """The files and folders of the user's that this config names."""
        values = (getattr(self, key) for key in type(self).model_fields)
        return tuple(value for value in values if isinstance(value, Path))

    @property
    def computes_in(self) -> FloatType:
        """The float type in which this config's numbers are used."""
        return "float64"

    @property
    def log_points(self) -> int:
        """The log points of a whole run, at most; 0 if the experiment logs none."""
        return 0

    @model_validator(mode="after")
    def _works_where_it_computes(self) -> Self:
        """Refuse a number that is inside its bounds as written, but not in the computing type."""
        faults = []
        for key, entry in type(self).model_fields.items():
            value = getattr(self, key)
            if isinstance(value, float):
                below_one = any(getattr(rule, "lt", None) == 1 for rule in entry.metadata)
                said = fault(value, self.computes_in, below_one=below_one)
                faults += [f"{key} {value!r} {said}"] * bool(said)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def fixed(self) -> dict[str, str]:
        """Keys that a resume cannot change after all, and why."""
        return {}

    def changeable(self) -> frozenset[str]:
        """Return the keys that a resume of a run with these values may change."""
        return self.may_change - self.fixed().keys()

    def lacks(self, metric: str) -> str:
        """Return why a run with these values does not measure `metric`; "" if it does."""
        del metric  # an experiment's config that switches a measurement off says so
        return ""

    @property
    def bars(self) -> int:
        """How often the progress of a whole run goes from its start to its end."""
        return 1

    def run_name(self, experiment: str) -> str:
        """Return the name of the experiment's numbered run directories, without the number."""
        return experiment


AnyConfig = TypeVar("AnyConfig", bound=Config)
