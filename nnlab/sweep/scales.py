"""Where the values of a searched key, and of the metric, stand on the axes of the pictures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from nnlab.metric import axis_label
from nnlab.plots import HIGHEST, LOWEST, literal
from nnlab.reports.numbers import WIDE
from nnlab.reports.settings import as_text
from nnlab.reports.ticks import GAP, LETTER, STEPS, log_ticks
from nnlab.sweep.plan import Choices, Direction, Plan
from nnlab.sweep.trial import Results, Trial
from nnlab.sweep.words import metrics_of
from nnlab.text import clipped

BETTER: dict[Direction, str] = {"minimize": "lower", "maximize": "higher"}
MARGIN = 0.05  # of an axis, beyond its lowest and highest value
MOST_NAMES = 12  # of the choices of a key at one axis
MOST_LETTERS = 20  # of a name
LABELS = 5  # numbers at a linear axis, or a little more


@dataclass(frozen=True)
class Scale:
    """How the values of one key, or of the metric, are placed.

    Attributes:
        label: what the axis shows.
        low, high: its lowest and highest place.
        log: whether its places are logarithmic.
        whole: whether its values are whole numbers.
        names: the choices in their order, which stand at the places 0, 1, ...; empty for a range.
    """

    label: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    names: tuple[str, ...] = ()

    def place(self, value: Any) -> float:  # noqa: ANN401 - a value of a config
        """Return the place of a value, in the units of the axis."""
        return float(self.names.index(as_text(value)) if self.names else value)

    def share(self, place: float) -> float:
        """Return how far a place is from the low end (0) to the high end (1)."""
        if self.high <= self.low:
            return 0.5
        if self.log:
            return math.log(place / self.low) / math.log(self.high / self.low)
        return (place - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """Return the place that is a share of the way from the low end to the high end."""
        if self.log:
            return math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        return self.low + share * (self.high - self.low)

    def ticks(self, inches: float, *, across: bool) -> dict[float, str]:
        """Return the places of the labels, each with its text, of an axis of a length in inches."""
        if self.names:
            step = -(-len(self.names) // MOST_NAMES)
            kept = range(0, len(self.names), step)
            return {float(i): literal(clipped(self.names[i], MOST_LETTERS)) for i in kept}
        if self.high <= self.low:
            places = [self.low]
        elif self.log:
            places = log_ticks(self.low, self.high, inches, across=across)
        else:
            places = self._linear(inches if across else math.inf)
        return {each: f"{each:,.7g}" for each in places if self.low <= each <= self.high}

    def _linear(self, inches: float) -> list[float]:
        """Return places at equal distances, so few that their numbers fit side by side."""
        places = [self.low]
        for most in range(LABELS, 0, -1):
            locator = MaxNLocator(most, integer=self.whole, steps=STEPS)
            places = [float(each) for each in locator.tick_values(self.low, self.high)]
            if sum(LETTER * len(f"{each:,.7g}") + GAP for each in places) <= inches:
                break
        return places

    def crowded(self, inches: float) -> bool:
        """Return whether its names do not fit side by side."""
        shown = self.ticks(inches, across=True).values()
        widest = max(map(len, shown), default=0)
        return bool(self.names) and (LETTER * widest + GAP) * len(shown) > inches

    def put(self, axis: Axis, inches: float) -> None:
        """Give an axis of a length in inches its scale, limits, labels and name."""
        ax: Axes = axis.axes
        across = axis is ax.xaxis
        low, high = self._limits()
        kind: Literal["log", "linear"] = "log" if self.log else "linear"
        (ax.set_xscale if across else ax.set_yscale)(kind)
        (ax.set_xlim if across else ax.set_ylim)(low, high)
        ticks = self.ticks(inches, across=across)
        axis.set_major_locator(FixedLocator(list(ticks)))
        axis.set_minor_locator(NullLocator())
        axis.set_ticklabels(list(ticks.values()))
        axis.set_label_text(self.label)

    def _limits(self) -> tuple[float, float]:
        if self.names:
            return -0.5, len(self.names) - 0.5
        if self.high <= self.low:
            beside = abs(self.low) * MARGIN or 1.0
            return self.low - beside, self.high + beside
        return self.at(-MARGIN), self.at(1 + MARGIN)


def scale_of(plan: Plan, key: str) -> Scale:
    """Return the scale of a searched key."""
    axis, name = plan.space[key], literal(clipped(key, MOST_LETTERS))
    if isinstance(axis, Choices):
        names = tuple(dict.fromkeys(map(as_text, axis.values)))
        return Scale(name, 0.0, float(len(names) - 1), names=names)
    return Scale(name, axis.low, axis.high, axis.log, axis.whole)


def value_scale(results: Results, more: Sequence[float] = ()) -> Scale:
    """Return the scale of the metric over all complete trials and `more` values.

    It is logarithmic where small values are sought and they span more than a decade.
    """
    plan = results.plan
    values = [*(drawn(trial) for trial in results.ranked), *more]
    low, high = min(values), max(values)
    if low == high:
        beside = abs(low) * MARGIN or 1.0
        low, high = low - beside, high + beside
    log = plan.direction == "minimize" and low > 0 and high / low > WIDE
    return Scale(literal(axis_label(metrics_of(plan), plan.metric)), low, high, log)


def label_of_values(results: Results, scale: Scale) -> str:
    """Return the label of an axis of the metric that says which of its values are better."""
    return f"{scale.label}\n{BETTER[results.plan.direction]} is better"


def stopped(results: Results) -> list[Trial]:
    """Return the trials that were stopped early, with a value: the one that they had by then."""
    early = [trial for trial in results.trials if trial.state in {"pruned", "dropped"}]
    return [trial for trial in early if trial.value is not None]


def drawn(trial: Trial) -> float:
    """Return the value of a trial, within what Matplotlib can draw."""
    return within(trial.value or 0.0)


def within(value: float) -> float:
    """Return a value within what Matplotlib can draw; 0 stays 0."""
    size = min(abs(value), HIGHEST)
    return math.copysign(size, value) if size >= LOWEST else 0.0
