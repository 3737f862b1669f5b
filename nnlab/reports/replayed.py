"""A state in the middle of a run: what `nnlab replay` asks an experiment for, and gets."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nnlab.console.view import View

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


class Asked(NamedTuple):
    """The state that a user asks for; without step and epoch it is the last one.

    Attributes:
        view: shows how far the training is.
        step: gradient steps taken.
        epoch: epochs done.
    """

    view: View
    step: int | None = None
    epoch: int | None = None


class Measured(NamedTuple):
    """A number that was measured at the state.

    Attributes:
        name: its name.
        value: the number.
        meaning: what it is, in a few words.
    """

    name: str
    value: float
    meaning: str


class Replayed(NamedTuple):
    """A state of a run, computed again.

    Attributes:
        at: steps or epochs taken.
        total: those of the whole run.
        unit: "step" or "epoch".
        began: where the training began: "the start", or a checkpoint.
        measured: numbers of this state.
        weights: the weights by name, as in the run's model.npz.
        draw: draws the pictures, by file name.
        stored: whether this is surely the run's own state: it is read from a checkpoint, or the
            training ended at model.npz.
        equal: whether the training ended at model.npz, to the bit; None where it was not trained
            to the end of a finished run.
        logged: a sentence on the last row of metrics.csv before this state: whether the training
            passed it to the bit; "" where it passed none.
    """

    at: int
    total: int
    unit: str
    began: str
    measured: tuple[Measured, ...]
    weights: "Mapping[str, NDArray[Any]]"
    draw: "Callable[[], Mapping[str, Figure]]"
    stored: bool = False
    equal: bool | None = None
    logged: str = ""
