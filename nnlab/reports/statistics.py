"""Intervals for a handful of runs: of a mean, and of the difference between two means.

All intervals are 95% intervals from Student's t distribution. Sources:

- Student, "The probable error of a mean", Biometrika 6 (1908): the mean of few values, and of the
  differences of pairs.
- Welch, "The generalization of 'Student's' problem when several different population variances are
  involved", Biometrika 34 (1947): two groups whose values do not belong together in pairs.

They assume that the values of a group come from one normal distribution. For a few seeds that is
an assumption, not a fact that the runs can show.
"""

import math
from collections.abc import Collection, Mapping
from statistics import fmean, variance
from typing import NamedTuple

CONFIDENCE = 0.95
SPREAD = 2  # values from which on a spread is known
NORMAL = 1.96  # 97.5% of a normal distribution lies below this many standard errors


class Estimate(NamedTuple):
    """A mean and the uncertainty of it.

    Attributes:
        mean: mean of the values.
        half: half the width of its 95% interval; None for one value, which has no spread, and for
            values so large that theirs cannot be computed.
        n: number of values.
    """

    mean: float
    half: float | None
    n: int


class Difference(NamedTuple):
    """The difference between the means of two groups, and the uncertainty of it.

    Attributes:
        amount: the second mean minus the first.
        half: half the width of its 95% interval; None if a group has one value only, or values so
            large that it cannot be computed.
        how: "paired" by seed, "Welch", or "" without an interval.
        n: number of values of each group that were used.
    """

    amount: float
    half: float | None
    how: str
    n: tuple[int, int]


def t_quantile(freedom: float) -> float:
    """Return the t that a t distribution with `freedom` degrees of freedom exceeds in 2.5%."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def estimate(values: Collection[float]) -> Estimate:
    """Return the mean of one or more values with Student's interval, mean ± t s / sqrt(n)."""
    n = len(values)
    if n < SPREAD:
        return Estimate(next(iter(values)), None, n)
    half = t_quantile(n - 1) * math.sqrt(_variance(values) / n)
    return Estimate(_mean(values), _known(half), n)


def difference(first: Mapping[int, float], second: Mapping[int, float]) -> Difference:
    """Return the second mean minus the first, of values by seed.

    If all seeds of one group are among those of the other, the interval is Student's for the
    differences of the pairs: runs with one seed begin with the same weights and see the data in the
    same order, and what they share cancels. Seeds without a partner are then left out. Otherwise
    the interval is Welch's.
    """
    shared = first.keys() & second.keys()
    if len(shared) >= SPREAD and len(shared) == min(len(first), len(second)):
        pairs = estimate([second[seed] - first[seed] for seed in sorted(shared)])
        return Difference(pairs.mean, pairs.half, "paired", (pairs.n, pairs.n))
    sizes = (len(first), len(second))
    amount = _mean(second.values()) - _mean(first.values())
    if min(sizes) < SPREAD:
        return Difference(amount, None, "", sizes)
    half = _known(_welch(first.values(), second.values()))
    return Difference(amount, half, "" if half is None else "Welch", sizes)


def _welch(first: Collection[float], second: Collection[float]) -> float:
    """Return half the width of Welch's interval for the difference of two means.

    The squared standard errors s²/n of the means add up; the degrees of freedom are those of Welch
    and Satterthwaite.
    """
    a, b = (_variance(values) / len(values) for values in (first, second))
    if a + b == 0:
        return 0.0
    part = a / (a + b)
    freedom = 1 / (part**2 / (len(first) - 1) + (1 - part) ** 2 / (len(second) - 1))
    return t_quantile(freedom) * math.sqrt(a + b)


def _mean(values: Collection[float]) -> float:
    try:
        return fmean(values)
    except OverflowError:  # of the sum
        return math.fsum(value / len(values) for value in values)


def _variance(values: Collection[float]) -> float:
    """Return the variance s²; infinity if it is more than a float can hold."""
    try:
        return variance(values)
    except OverflowError:
        return math.inf


def _known(half: float) -> float | None:
    return half if math.isfinite(half) else None


def binomial_error(share: float, count: int) -> float:
    """Return the standard error of a share that was counted on `count` cases, sqrt(p (1 - p) / n).

    No number of seeds makes it smaller: all runs are tested on the same cases.
    """
    return math.sqrt(share * (1 - share) / count)
