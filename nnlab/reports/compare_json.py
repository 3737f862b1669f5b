"""A comparison as plain values for JSON."""

from collections.abc import Sequence
from typing import Any

from nnlab.reports.changes import Change
from nnlab.reports.compare import Comparison
from nnlab.reports.groups import Group
from nnlab.reports.measures import Measure
from nnlab.reports.statistics import Estimate, estimate


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the whole comparison as plain values for JSON."""
    return {
        "experiment": found.experiment,
        "groups": [_group(group, found.changed) for group in found.groups],
        "changed": found.changed,
        "metrics": [_measure(measure, found) for measure in found.measures],
        "differences": [_difference(change) for change in found.changes],
        "notes": found.notes,
    }


def _group(group: Group, changed: Sequence[str]) -> dict[str, Any]:
    config = group.members[0].config.model_dump(mode="json", exclude={"seed"})
    return {
        "group": group.label,
        "repeat": group.repeat,
        "runs": [
            {
                "run_dir": str(member.saved.path),
                "seed": member.seed,
                "status": member.saved.status,
                "log_points": max(map(len, member.axes.values()), default=0),
            }
            for member in group.members
        ],
        "differs": {key: config[key] for key in changed},
        "config": config,
    }


def _measure(measure: Measure, found: Comparison) -> dict[str, Any]:
    metric = measure.metric
    return {
        "metric": metric.name,
        "unit": metric.unit,
        "better": metric.direction,
        "at": measure.which,
        "groups": {
            group.label: _estimate(estimate(values.values()))
            | {"test_cases": of, "by_seed": {str(seed): value for seed, value in values.items()}}
            for group, values, of in zip(found.groups, measure.values, measure.of, strict=True)
            if values
        },
    }


def _estimate(of: Estimate) -> dict[str, Any]:
    return {"mean": of.mean, "half_95": of.half, "n": of.n}


def _difference(change: Change) -> dict[str, Any]:
    amount, half, how, n, _ = change.difference
    return {
        "metric": change.measure.metric.name,
        "at": change.measure.which,
        "of": change.pair[1],
        "minus": change.pair[0],
        "difference": amount,
        "low_95": None if half is None else amount - half,
        "high_95": None if half is None else amount + half,
        "how": how,
        "n": list(n),
        "half_95_of_the_test_cases_alone": change.floor,
        "says": change.says,
    }
