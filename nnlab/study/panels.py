"""What the pictures of a study show, as declarations; matplotlib is loaded when one is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nnlab.study.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes.

    A drawn interval ends at 0 and 1 where the name of the measure or of the y axis has the word
    share, accuracy or recall, and all values are from 0 to 1.

    Attributes:
        part, measure: which readings.
        arms: the arms that are shown, in their order, with their labels; empty: all by name.
        title: above the axes; "" if the figure has one panel.
        x_label, y_label: with units.
        log_x, log_y: whether an axis is logarithmic.
    """

    part: str
    measure: str
    y_label: str
    x_label: str = ""
    title: str = ""
    arms: Mapping[str, str] = field(default_factory=dict)
    log_x: bool = False
    log_y: bool = False

    def labels(self, results: Results) -> dict[str, str]:
        """Return each arm that has rows, with its label, in the order of the picture."""
        found = results.arms(self.part)
        return {arm: label for arm, label in self.arms.items() if arm in found} or {
            arm: arm for arm in found
        }


@dataclass(frozen=True, kw_only=True)
class Dots(Panel):
    """A dot for each run, side by side for each arm, with the mean and its 95% interval.

    Attributes:
        at: the place of the readings.
        line: a value that is marked by a line, and its label.
    """

    at: str = ""
    line: tuple[float, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Courses(Panel):
    """A thin line for each run over the place of its readings, and the mean of each arm, thick.

    Attributes:
        lines: levels that are marked, each with its label.
    """

    lines: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Means(Panel):
    """The mean over the seeds at each place, with its 95% interval: a line for each arm.

    Attributes:
        x_of: arm -> x; then the arms are the points of one line, and `at` is their place.
        at: the place of the readings if `x_of` is given.
        slope: the slope of a dotted guide on two logarithmic axes, and its label.
    """

    x_of: Mapping[str, float] = field(default_factory=dict)
    at: str = ""
    slope: tuple[float, str] | None = None


def panels(title: str, *shown: Panel, columns: int = 2) -> Callable[[Results], "Figure"]:
    """Return the function that draws `shown` side by side, under one title."""

    def draw(results: Results) -> "Figure":
        from nnlab.study.drawing import figure_of

        return figure_of(title, shown, results, columns)

    return draw
