"""A metric: what it is called, its unit, which direction is better, how it is printed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

Row = Mapping[str, float]
"""One log point: metric name -> value."""


class Metric(NamedTuple):
    """A finite number of at least 0 that an experiment measures, declared once by it.

    Attributes:
        name: column of metrics.csv, and key of the summary in run.json.
        unit: what the number counts; "" for a ratio.
        direction: which values are better, "lower" or "higher"; "" for neither.
        format: format specification for people, such as ".4f".
        meaning: one line for the docs.
    """

    name: str
    unit: str
    direction: Literal["lower", "higher", ""]
    format: str
    meaning: str = ""

    @property
    def of_the_clock(self) -> bool:
        """Whether it measures time or speed, and so differs between two runs that are equal."""
        return self.unit == "seconds" or self.unit.endswith("/s")

    @property
    def of_the_test(self) -> bool:
        """Whether it is measured on the test set, and so only once, at the end of a run."""
        return self.name.startswith("test_")


def best(metric: Metric, values: Sequence[float]) -> float | None:
    """Return the best of a metric's `values`; None without values, or if none can be better."""
    if not values or not metric.direction or metric.of_the_clock:
        return None
    return (min if metric.direction == "lower" else max)(values)


def formatted(metrics: Iterable[Metric], name: str, value: float) -> str:
    """Return `value` as people read the metric `name`; a whole number keeps all its digits."""
    if isinstance(value, int):
        return f"{value:,}"
    declared = {metric.name: metric.format for metric in metrics}
    return f"{value:{declared.get(name, '.4g')}}"


def axis_label(metrics: Iterable[Metric], name: str) -> str:
    """Return the label of an axis of the metric `name`, with its unit, such as "loss (nats)"."""
    unit = next((metric.unit for metric in metrics if metric.name == name), "")
    if name in unit:  # step: "gradient steps"
        return unit
    return f"{name} ({unit})" if unit else name
