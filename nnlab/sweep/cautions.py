"""What to think of before the best of a sweep is believed: luck, and ranges that end too early."""

import math
from collections.abc import Iterator
from statistics import fmean

from nnlab.experiments import EXPERIMENTS
from nnlab.sweep.check import alone
from nnlab.sweep.plan import Plan, Range
from nnlab.sweep.trial import Results
from nnlab.sweep.words import number

NEAR = 0.03  # of a range: nearer to its end, a value is at the end
STEP = 1e-6  # of a range, beyond its end
FEWEST_SEEDS = 3


def cautions(results: Results) -> list[str]:
    """Return sentences about the best trial; none if there is nothing to think of."""
    return [*_luck(results), *_ends(results)]


def _luck(results: Results) -> Iterator[str]:
    """Yield whether the best trial, on fresh seeds, is no better than the second was."""
    plan, (best, second, *_) = results.plan, [*results.ranked, None, None]
    if best is None or second is None or second.value is None or not best.fresh:
        return
    again = fmean(best.fresh)
    if not plan.better(again, second.value):
        seeds = max(FEWEST_SEEDS, 2 * plan.seeds)
        yield (
            f"trial {best.number} may have led by luck: on fresh seeds its mean, "
            f"{number(plan, again)}, is not better than trial {second.number}, "
            f"{number(plan, second.value)}; to choose more surely, use --seeds {seeds} or more"
        )


def _ends(results: Results) -> Iterator[str]:
    """Yield the keys whose best value lies at an end of their range, if they can go beyond it."""
    plan, best = results.plan, results.best
    if best is None:
        return
    for key, axis in plan.space.items():
        if not isinstance(axis, Range):
            continue
        share = _share(axis, best.keys[key])
        if share <= NEAR and _possible(plan, key, _beyond(axis, axis.low, axis.high)):
            yield f"{key} is best at the low end of its range: search lower"
        elif share >= 1 - NEAR and _possible(plan, key, _beyond(axis, axis.high, axis.low)):
            yield f"{key} is best at the high end of its range: search higher"


def _share(axis: Range, value: float) -> float:
    """Return how far a value is from the low end of its range (0) to the high end (1)."""
    if axis.log:
        return math.log(value / axis.low) / math.log(axis.high / axis.low)
    return (value - axis.low) / (axis.high - axis.low)


def _beyond(axis: Range, end: float, other: float) -> float:
    """Return a value a little beyond an end of a range, seen from the other end."""
    if axis.whole:
        return int(end) + (1 if end > other else -1)
    return end * (end / other) ** STEP if axis.log else end + STEP * (end - other)


def _possible(plan: Plan, key: str, value: float) -> bool:
    """Return whether the experiment's config takes a value of a key."""
    return not alone(EXPERIMENTS[plan.experiment].config, key, value, key)[1]
