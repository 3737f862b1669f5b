"""The metrics of a saved run as people read them, and the axis that suits a curve."""

from collections.abc import Mapping, Sequence

from nnlab.metric import Metric, best, formatted
from nnlab.reports.parts import Number

WIDE = 10.0  # largest / smallest value: from here on, the y axis is logarithmic

Columns = Mapping[str, Sequence[float]]
"""The columns of metrics.csv by name; the first one is x."""


def numbers(
    summary: Mapping[str, float], columns: Columns, metrics: Sequence[Metric]
) -> list[Number]:
    """Return the final metrics; those of the last log point of a run that has no summary."""
    final = summary or {name: column[-1] for name, column in columns.items()}
    declared = {metric.name: metric for metric in metrics}
    return [
        Number(
            name, formatted(metrics, name, value), metric.unit, best_logged(metric, columns),
            metric.meaning,
        )
        for name, value in final.items()
        for metric in [declared.get(name, Metric(name, "", "", ".4g"))]
    ]  # fmt: skip


def best_logged(metric: Metric, columns: Columns) -> str:
    """Return the best logged value of a metric, and where it was."""
    if (found := best_point(metric, columns)) is None:
        return ""
    value, at, x = found
    return f"{formatted([metric], metric.name, value)} at {at} {formatted([], at, x)}"


def best_point(metric: Metric, columns: Columns) -> tuple[float, str, float] | None:
    """Return the best logged value of a metric, the name of the first column, and its x there."""
    column = columns.get(metric.name, ())
    if (value := best(metric, column)) is None:
        return None
    at, points = next(iter(columns.items()))
    return value, at, points[column.index(value)]


def is_wide(group: Sequence[Metric], columns: Columns) -> bool:
    """Return whether values that should be small are so different that a log axis shows more."""
    lowest = min(min(columns[metric.name]) for metric in group)
    highest = max(max(columns[metric.name]) for metric in group)
    lower = all(metric.direction == "lower" for metric in group)
    return lower and lowest > 0 and highest / lowest > WIDE
