"""Many tests at once, and how many seeds a test needs.

Sources:

- Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
  Statistics 6 (1979). It holds whatever the tests have in common, such as an arm. That the
  directions of its findings hold, too: Shaffer, Annals of Statistics 8 (1980).
- Cohen, "Statistical Power Analysis for the Behavioral Sciences" (2nd edition, 1988): 80% power;
  the t of an effect of d standard deviations has the noncentral t distribution with d sqrt(n).
"""

import math
from collections.abc import Sequence
from itertools import accumulate

ALPHA = 0.05  # the chance of a false finding that a study allows itself
POWER = 0.8  # the chance of a decision that a number of seeds must give
FEWEST = 3  # pairs from which on a test is worth its name
MOST = 10_000  # seeds; nobody makes a study with more


def holm(ps: Sequence[float]) -> list[tuple[float, float]]:
    """Return for each p value the adjusted one, and the level that the plain one must meet.

    The k-th smallest of m p values is compared with 5% / (m - k + 1), as long as those before it
    were significant; the first that is not ends it, and all after it face the same level. The
    adjusted p, max over j <= k of (m - j + 1) p_j, is below 5% exactly where that holds.
    """
    many = len(ps)
    order = sorted(range(many), key=lambda place: ps[place])
    steps = [min(1.0, (many - rank) * ps[place]) for rank, place in enumerate(order)]
    adjusted = list(accumulate(steps, max))
    significant = sum(p <= ALPHA for p in adjusted)
    found = {
        place: (p, ALPHA / (many - min(rank, significant)))
        for rank, (place, p) in enumerate(zip(order, adjusted, strict=True))
    }
    return [found[place] for place in range(many)]


def power(n: int, effect: float, level: float) -> float:
    """Return the chance that a t test finds an effect, in its direction.

    Args:
        n: number of values.
        effect: distance of the true mean from that of the test, in standard deviations.
        level: the significance level, of both sides.
    """
    from scipy.special import nctdtr, stdtrit

    quantile = stdtrit(n - 1, 1 - level / 2)
    chance = 1 - float(nctdtr(n - 1, effect * math.sqrt(n), quantile))
    return 1.0 if math.isnan(chance) else chance  # scipy has none far beyond the quantile


def seeds_needed(
    mean: float, spread: float, level: float, bounds: Sequence[float], edge: float
) -> float:
    """Return the fewest seeds that decide a test in 80% of the cases; inf: more than 10,000.

    If mean and standard deviation are those seen. What has to happen: the interval leaves out each
    of `bounds`, and the mean seen comes to lie on this side of `edge`.

    Args:
        mean: of the values.
        spread: standard deviation of the values.
        level: the significance level of this test, of both sides.
        bounds: one bound, or one on each side of the mean.
        edge: the smallest effect that counts, or one of the bounds.
    """
    from scipy.special import ndtr

    def chance(n: int) -> float:
        missed = sum(1 - power(n, abs(mean - bound) / spread, level) for bound in bounds)
        return min(1 - missed, float(ndtr(abs(mean - edge) / spread * math.sqrt(n))))

    high = FEWEST
    while chance(high) < POWER:
        if high >= MOST:
            return math.inf
        high = min(2 * high, MOST)
    low = max(high // 2, FEWEST - 1)  # too few
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance(middle) < POWER else (low, middle)
    return high


def sign_test(n: int) -> float:
    """Return the p value, of both sides, of n values that all lie on one side: 2 / 2^n."""
    return 2.0 ** (1 - n)


def share_test(n: int, share: float, bound: float) -> float:
    """Return the p value, of both sides, of a share that is 0 or 1 in all of n independent cases.

    If the true share were `bound`, the cases would all be alike with a chance of (1 - bound)^n, or
    bound^n. A share between 0 and 1 that each case gives alike tells nothing of its spread: p = 1.
    """
    return min(1.0, 2 * _alike(share, bound) ** n)


def seeds_for_share_test(level: float, share: float, bound: float) -> float | None:
    """Return the fewest cases whose `share_test` meets `level`; None if no number does."""
    chance = _alike(share, bound)
    return math.ceil(math.log(level / 2) / math.log(chance)) if 0 < chance < 1 else None


def _alike(share: float, bound: float) -> float:
    """Return the chance that one case agrees with a share of 0 or 1, if it is `bound`."""
    chance = {0.0: 1 - bound, 1.0: bound}.get(share, 1.0)
    return min(1.0, max(0.0, chance))


def seeds_for_sign_test(level: float) -> int:
    """Return the fewest values on one side whose sign test meets `level`."""
    return 1 + math.ceil(-math.log2(level))
