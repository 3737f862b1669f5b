"""Sort runs into groups: the runs of a group differ in their seed only."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from nnlab.config.base import Config
from nnlab.config.fields import as_typed
from nnlab.config.resolve import resolve
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

Axes = Mapping[str, Sequence[float]]
"""Name of an x axis (of AXES in `nnlab.reports.comparing`) -> its value at each log point."""


@dataclass(frozen=True)
class Member:
    """A run that is compared.

    Attributes:
        saved: the run.
        config: its checked config.
        axes: its x axes; one that is not known is missing.
        name: its name, or its path if another run has the same name.
    """

    saved: SavedRun
    config: Config
    axes: Axes
    name: str

    @property
    def seed(self) -> int:
        """The seed; 0 for an experiment without seeds."""
        return int(getattr(self.config, "seed", 0))

    @property
    def data(self) -> str:
        """The SHA-256 digests of its data, as text; "" if run.json has none."""
        return _as_text((self.saved.record.get("data") or {}).get("sha256"))

    @property
    def inputs(self) -> Mapping[str, str]:
        """The SHA-256 digest of each file that a key of its config names."""
        return dict(self.saved.record.get("inputs", {}))

    @property
    def complete(self) -> bool:
        """Whether the run was trained to its end."""
        return self.saved.status == "completed"


@dataclass(frozen=True)
class Group:
    """Runs with the same data whose configs differ in `seed` only, each with another seed.

    Attributes:
        label: A, B, C, ...
        members: the runs, in the order in which they were named.
        repeat: 1; 2 for the second runs of seeds that the group before this one has, and so on.
    """

    label: str
    members: tuple[Member, ...]
    repeat: int = 1

    @property
    def config(self) -> dict[str, str]:
        """Each key but the seed, with its value as a user types it."""
        config = self.members[0].config
        values = {key: getattr(config, key) for key in type(config).model_fields}
        return {key: as_typed(value) for key, value in values.items() if key != "seed"}

    @property
    def seeds(self) -> list[int]:
        """The seeds of its runs."""
        return [member.seed for member in self.members]


def read_members(
    runs: Sequence[SavedRun], model: type[Config], axes: Callable[[SavedRun, Any], Axes]
) -> list[Member]:
    """Read the configs and x axes of runs of one experiment.

    Raises:
        UsageError: fewer than two runs, runs of several experiments, one run twice, or a config
            that is missing or faulty.
        DataError: the metrics of a run cannot be read.
    """
    _refuse(runs)
    names = [run.path.name for run in runs]
    members = []
    for run in runs:
        config = resolve(model, run.path / "config.yaml", {}).config
        name = run.path.name if names.count(run.path.name) == 1 else str(run.path)
        members.append(Member(run, config, axes(run, config), name))
    return members


def _refuse(runs: Sequence[SavedRun]) -> None:
    """Raise UsageError for runs that cannot be compared."""
    kinds = {run.experiment: printable(run.path) for run in runs}
    if len(kinds) > 1:
        told = ", ".join(f"{path} of {kind}" for kind, path in kinds.items())
        raise UsageError(f"these are runs of several experiments ({told}); compare runs of one")
    seen = set()
    for run in runs:
        if (place := run.path.resolve()) in seen:
            raise UsageError(f"{printable(run.path)} is named twice; compare different runs")
        seen.add(place)
    if len(runs) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError(
            f"to compare, name two runs or more; for one run: nnlab show {printable(runs[0].path)}"
        )


def grouped(members: Iterable[Member]) -> list[Group]:
    """Sort runs into groups, in the order of their first runs.

    Runs whose data or input files had other bytes are different groups, also if their configs name
    the same files. A run that did not end is a group of its own: its last values belong to a
    shorter training. So is a second run with the config and the seed of another one: a repeat is
    not a second sample.
    """
    found: dict[Hashable, list[Member]] = {}
    repeats: dict[Hashable, int] = {}
    for member in members:
        config = member.config.model_dump_json(exclude={"seed"})
        alone = "" if member.complete else str(member.saved.path)
        same = (config, member.data, _as_text(member.inputs), alone)
        repeat = 1
        while member.seed in (each.seed for each in found.get((same, repeat), [])):
            repeat += 1
        found.setdefault((same, repeat), []).append(member)
        repeats[same, repeat] = repeat
    return [
        Group(label(place), tuple(runs), repeats[key])
        for place, (key, runs) in enumerate(found.items())
    ]


def _as_text(digests: object) -> str:
    return json.dumps(digests, sort_keys=True) if digests else ""


def label(place: int) -> str:
    """Return the label of the group at `place` from 0: A, ..., Z, AA, AB, ..."""
    more, last = divmod(place, len(ascii_uppercase))
    return (label(more - 1) if more else "") + ascii_uppercase[last]


def changed_keys(groups: Sequence[Group]) -> list[str]:
    """Return the keys, but the seed, whose values differ between groups."""
    configs = [group.config for group in groups]
    return [key for key in configs[0] if len({config[key] for config in configs}) > 1]
