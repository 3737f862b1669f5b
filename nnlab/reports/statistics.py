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
import sys
from collections.abc import Collection, Mapping
from statistics import fmean, variance
from typing import NamedTuple

CONFIDENCE = 0.95
SPREAD = 2  # values from which on a spread is known
ROUNDING = 4 * sys.float_info.epsilon  # of the largest value: a spread that is rounding alone
NORMAL = 1.96  # 97.5% of a normal distribution lies below this many standard errors


class Estimate(NamedTuple):
    """A mean and the uncertainty of it.

    Attributes:
        mean: mean of the values.
        half: half the width of its 95% interval; None for one value or equal values, whose spread
            is not known, and for values so large that theirs cannot be computed.
        n: number of values.
    """

    mean: float
    half: float | None
    n: int


class Difference(NamedTuple):
    """The difference between the means of two groups, and the uncertainty of it.

    Attributes:
        amount: the second mean minus the first.
        half: half the width of its 95% interval; None if there is none.
        how: "paired" by seed, "Welch", or "means" if a group has one value only.
        n: number of values of each group that were used.
        fault: why there is no interval: "one run"; "no spread", because all differences of the
            pairs, or all values of each group, are equal; "too large" to compute it; or "".
    """

    amount: float
    half: float | None
    how: str
    n: tuple[int, int]
    fault: str = ""


def t_quantile(freedom: float) -> float:
    """Return the t that a t distribution with `freedom` degrees of freedom exceeds in 2.5%."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def estimate(values: Collection[float]) -> Estimate:
    """Return the mean of one or more values with Student's interval, mean ± t s / sqrt(n).

    Equal values have no interval: a few shares of few cases can be equal by luck, so an interval
    of width 0 would claim a certainty that nobody has.
    """
    n = len(values)
    if not (spread := _variance(values)):
        return Estimate(_mean(values), None, n)
    return Estimate(_mean(values), _known(t_quantile(n - 1) * math.sqrt(spread / n)), n)


def difference(first: Mapping[int, float], second: Mapping[int, float]) -> Difference:
    """Return the second mean minus the first, of values by seed.

    If all seeds of one group are among those of the other, the interval is Student's for the
    differences of the pairs: runs with one seed begin with the same weights and see the data in the
    same order, and what they share cancels. Seeds without a partner are then left out. Otherwise
    the interval is Welch's.
    """
    shared = first.keys() & second.keys()
    if len(shared) >= SPREAD and len(shared) == min(len(first), len(second)):
        pairs = [second[seed] - first[seed] for seed in sorted(shared)]
        equal = max(pairs) - min(pairs) <= rounding([*first.values(), *second.values()])
        mean, half, n = estimate(pairs[:1] * len(pairs) if equal else pairs)  # without rounding
        fault = "no spread" if equal else "too large" if half is None else ""
        return Difference(mean, half, "paired", (n, n), fault)
    sizes = (len(first), len(second))
    amount = _mean(second.values()) - _mean(first.values())
    if min(sizes) < SPREAD:
        return Difference(amount, None, "means", sizes, "one run")
    if not any(map(_variance, (first.values(), second.values()))):
        return Difference(amount, None, "Welch", sizes, "no spread")
    half = _known(_welch(first.values(), second.values()))
    return Difference(amount, half, "Welch", sizes, "too large" if half is None else "")


def t_test(values: Collection[float], mean: float) -> float:
    """Return the p value, of both sides, of Student's t test that the values come from `mean`.

    Two values or more, that are not all equal.
    """
    from scipy.special import stdtr

    t = (_mean(values) - mean) / math.sqrt(_variance(values) / len(values))
    return float(2 * stdtr(len(values) - 1, -abs(t)))


def rounding(values: Collection[float]) -> float:
    """Return the largest spread that differences of `values` can have by rounding alone."""
    return ROUNDING * max(map(abs, values))


def _welch(first: Collection[float], second: Collection[float]) -> float:
    """Return half the width of Welch's interval for the difference of two means.

    The squared standard errors s²/n of the means add up; the degrees of freedom are those of Welch
    and Satterthwaite.
    """
    a, b = (_variance(values) / len(values) for values in (first, second))
    part = a / (a + b)
    freedom = 1 / (part**2 / (len(first) - 1) + (1 - part) ** 2 / (len(second) - 1))
    return t_quantile(freedom) * math.sqrt(a + b)


def _mean(values: Collection[float]) -> float:
    try:
        return fmean(values)
    except OverflowError:  # of the sum
        return math.fsum(value / len(values) for value in values)


def _variance(values: Collection[float]) -> float:
    """Return the variance s²: 0 for one value, infinity if it is more than a float can hold."""
    if len(values) < SPREAD:
        return 0.0
    try:
        return variance(values)
    except OverflowError:
        return math.inf


def _known(half: float) -> float | None:
    return half if math.isfinite(half) else None


def binomial_error(share: float, count: int) -> float:
    """Return the standard error of a share that was counted on `count` cases.

    It is sqrt(p (1 - p) / (n + 2)) with p = (k + 1) / (n + 2) for k of n cases. With the share k/n
    itself, 0 and 1 would have no error. Source: Agresti and Caffo, "Simple and effective confidence
    intervals for proportions and differences of proportions result from adding two successes and
    two failures", The American Statistician 54 (2000); p is Laplace's rule of succession.

    No number of seeds makes it smaller: all runs are tested on the same cases.
    """
    p = (share * count + 1) / (count + 2)
    return math.sqrt(p * (1 - p) / (count + 2))


def noise_of_cases(*counted: tuple[float, int]) -> float:
    """Return half the width of the 95% interval that the test cases alone give to a difference.

    It is 1.96 sqrt(e² + f²) for the binomial errors e and f of the two shares. It takes their cases
    as independent. They are the same cases, and what is hard for one network is hard for the other,
    so in general it is an upper bound.

    Args:
        counted: each share, and the number of cases that it was counted on.
    """
    return NORMAL * math.hypot(*(binomial_error(share, count) for share, count in counted))
