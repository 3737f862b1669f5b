"""What `nnlab compare` asks of an experiment: its x axes, and what only it can compare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from nnlab.metric import Metric
from nnlab.reports.groups import Axes
from nnlab.runs.saved import SavedRun

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnlab.reports.compare import Comparison

AXES: Mapping[str, str] = {
    "step": "gradient steps",
    "samples": "samples seen",
    "epoch": "epochs",
    "seconds": "seconds of training",
}
"""The x axes of a curve, with their labels."""


class Measured(NamedTuple):
    """A number that was measured once, on the finished network.

    Attributes:
        metric: what was measured.
        value: the number.
        of: number of cases that the share `value` was counted on; None if it is not a share.
    """

    metric: Metric
    value: float
    of: int | None = None


class Drawn(NamedTuple):
    """Figures by file name, and notes on what they do not show."""

    figures: "dict[str, Figure]"
    notes: list[str]


def _nothing_measured(_: SavedRun) -> list[Measured]:
    return []


def _nothing_drawn(_: "Comparison") -> Drawn:
    return Drawn({}, [])


@dataclass(frozen=True)
class Comparing:
    """What an experiment knows about its runs.

    Attributes:
        axes: (a run, its config) -> the x axes; those that are not known are missing. Within a
            config, "epoch" names a log point: it grows, and no two log points share it.
        measured: a run -> what report.json and the like say beyond the metrics; DataError if such
            a file is damaged.
        draw: a comparison -> the pictures of this experiment only.
    """

    axes: Callable[[SavedRun, Any], Axes]
    measured: Callable[[SavedRun], list[Measured]] = _nothing_measured
    draw: "Callable[[Comparison], Drawn]" = _nothing_drawn
