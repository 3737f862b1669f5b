"""What differs between two runs: their configs, then the first step or row at which they part."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pkgutil import resolve_name
from typing import Any, NamedTuple

from nnlab.config.fields import as_typed
from nnlab.console.view import View
from nnlab.errors import UsageError
from nnlab.experiments import Experiment, configs, experiment_of
from nnlab.replays.difference import MISSING, Difference
from nnlab.replays.rows import first_row_apart
from nnlab.replays.settings import SHORT
from nnlab.reports.parting import Parting
from nnlab.runs.recorded import recorded_config
from nnlab.runs.saved import SavedRun
from nnlab.text import printable


class Key(NamedTuple):
    """A config key that differs, with its value in each run, as a user would type it."""

    name: str
    values: tuple[str, str]


@dataclass(frozen=True)
class Diff:
    """What differs between two runs.

    Attributes:
        keys: the config keys that differ, then the files of input or data that do.
        parting: where their trajectories part; None if `diff` does not replay their experiment.
        row: then the first row of metrics.csv that differs; None if none does.
    """

    keys: tuple[Key, ...]
    parting: Parting | None = None
    row: Difference | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the difference as JSON can hold it."""
        found: dict[str, Any] = {key.name: list(key.values) for key in self.keys}
        row = self.row._asdict() if self.row else None
        parting = asdict(self.parting) if self.parting else None
        if self.parting and parting:
            parting["blocks"] = [block._asdict() for block in self.parting.blocks]
            parting["visits"] = [
                {"epoch": visit.epoch, "samples": [each._asdict() for each in visit.samples]}
                for visit in self.parting.visits
            ]
        return {"config": found, "parting": parting, "row": row}


def diff(runs: Sequence[SavedRun], tolerance: float | None, view: View) -> Diff:
    """Return what differs between two runs of one experiment.

    Args:
        runs: the two runs.
        tolerance: the relative difference of two blocks that counts as rounding; None for a value
            that follows from their engines and float types.
        view: shows how replays go.

    Raises:
        UsageError: they are of two experiments, or of one without curves; or one is damaged, not
            finished, or cannot be replayed.
        DataError: a file of a run is damaged.
    """
    row = experiment_of(runs[0], "comparing")
    if (other := experiment_of(runs[1])) is not row:
        raise UsageError(
            f"{printable(runs[0].path)} is a run of {row.name}, {printable(runs[1].path)} of "
            f"{other.name}; give two runs of one experiment"
        )
    keys = _keys_apart(runs, row)
    if row.parting:
        return Diff(keys, parting=resolve_name(row.parting)(runs, tolerance, view))
    if tolerance is not None:
        raise UsageError(
            f"--tolerance is for weights at each step; diff does not replay {row.name}"
        )
    clocks = {metric.name for metric in row.metrics if metric.of_the_clock}
    first, second = (saved.path for saved in runs)
    return Diff(keys, row=first_row_apart(first, second, clocks))


def _keys_apart(runs: Sequence[SavedRun], row: Experiment) -> tuple[Key, ...]:
    """Return the config keys that differ, and the digests of files behind equal keys, too."""
    first, second = (_values(saved, row) for saved in runs)
    return tuple(
        Key(name, (first.get(name, MISSING), second.get(name, MISSING)))
        for name in {**first, **second}
        if first.get(name) != second.get(name)
    )


def _values(saved: SavedRun, row: Experiment) -> dict[str, str]:
    """Return the config of a run, as a user would type it, and the SHA-256 of its files."""
    config = recorded_config(saved, row.config, configs()).config.model_dump(mode="json")
    data = (saved.record.get("data") or {}).get("sha256") or {}
    digests = {**saved.record.get("inputs", {}), **data}
    return {
        **{name: as_typed(value) for name, value in config.items()},
        **{f"SHA-256 of {name}": str(sha256)[:SHORT] for name, sha256 in digests.items()},
    }
