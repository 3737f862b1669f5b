"""A comparison as tables of text, one fact a row."""

from collections.abc import Mapping, Sequence

from nnlab.metric import Metric, formatted
from nnlab.reports.changes import Change
from nnlab.reports.compare import Comparison
from nnlab.reports.parts import Table
from nnlab.reports.statistics import estimate

WHOLE = 100  # from here on the half of an interval is shown as a whole number


def tables(found: Comparison, *, all_keys: bool = False) -> list[Table]:
    """Return the tables of a comparison: runs, keys, metrics, differences; none is empty.

    Args:
        found: the comparison.
        all_keys: whether to show the keys that all groups share, too.
    """
    each = [_runs(found), _keys(found, all_keys=all_keys), metric_table(found), _changes(found)]
    return [table for table in each if table.rows]


def _runs(found: Comparison) -> Table:
    rows = [
        (group.label, member.name, f"{member.seed}", member.saved.status, _end(member.axes))
        for group in found.groups
        for member in group.members
    ]
    return Table("runs", ("group", "run", "seed", "status", "steps"), rows, right=("seed", "steps"))


def _end(axes: Mapping[str, Sequence[float]]) -> str:
    """Return the step of the last log point: 0 before the first one, "-" if it is not known."""
    return f"{next(reversed(axes['step']), 0):,.0f}" if "step" in axes else "-"


def _keys(found: Comparison, *, all_keys: bool) -> Table:
    keys = list(found.groups[0].config) if all_keys else found.changed
    rows = [(key, *(group.config[key] for group in found.groups)) for key in keys]
    return Table("keys", ("key", *_labels(found)), rows)


def metric_table(found: Comparison, *, long: bool = False) -> Table:
    """Return last and best of each metric: a column a group, or with `long` a row a group."""
    labels = _labels(found)
    if long:
        rows = [
            (measure.metric.name, measure.which, label, _spread(measure.metric, values))
            for measure in found.measures
            for label, values in zip(labels, measure.values, strict=True)
        ]
        return Table("metrics", ("metric", "at", "group", "mean ± 95%"), rows)
    wide = [
        (
            measure.metric.name,
            measure.which,
            *(_spread(measure.metric, values) for values in measure.values),
        )
        for measure in found.measures
    ]
    return Table("metrics", ("metric", "at", *labels), wide)


def _labels(found: Comparison) -> list[str]:
    return [group.label for group in found.groups]


def _spread(metric: Metric, values: Mapping[int, float]) -> str:
    """Return the mean with its interval and the number of runs; "-" without values."""
    if not values:
        return "-"
    mean, half, n = estimate(values.values())
    if len(set(values.values())) == 1:  # also whole numbers, which keep all their digits
        mean = next(iter(values.values()))
    shown = formatted([metric], metric.name, mean)
    if not metric.direction:  # epochs and the like have no spread
        return f"{shown} (n {n})"
    equal = ", all equal" if n > 1 and len(set(values.values())) == 1 else ""
    return f"{shown}{_plus_minus(half)} (n {n}{equal})"


def _plus_minus(half: float | None) -> str:
    """Return ` ± 0.012`, with two digits or as a whole number; "" for None."""
    if half is None:
        return ""
    return f" ± {half:,.0f}" if half >= WHOLE else f" ± {half:.2g}"


def _changes(found: Comparison) -> Table:
    rows = [_change(change) for change in found.changes]
    header = ["metric", "at", "pair", "difference", "method", "n", "test set", "says"]
    if not any(change.floor for change in found.changes):
        header.remove("test set")
        rows = [(*row[:6], row[7]) for row in rows]
    return Table("differences", header, rows)


def _change(change: Change) -> tuple[str, ...]:
    """Return the row of a difference."""
    metric, (amount, half, how, n, _) = change.measure.metric, change.difference
    first, second = change.pair
    sizes = f"{n[0]}" if how == "paired" else f"{n[0]}+{n[1]}"
    return (
        metric.name,
        change.measure.which,
        f"{second} - {first}",
        f"{_signed(metric, amount)}{_plus_minus(half)}",
        how,
        sizes,
        _plus_minus(change.floor).strip(),
        change.says,
    )


def _signed(metric: Metric, amount: float) -> str:
    sign = "-" if amount < 0 else "+"
    return sign + formatted([metric], metric.name, abs(amount))
