"""Derive how much luck is in a result: the spread over the seeds, and what it does to comparisons.

A number that only all seeds together have has a row for each seed: its pseudo-value
(`nnlab.study.jackknife`). Values are compared by their natural logarithms: a spread of 0.1 is 10%.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import permutations
from statistics import NormalDist, fmean, stdev

from nnlab.study.derive import Derive
from nnlab.study.jackknife import FEWEST, pseudo_values
from nnlab.study.results import POOLED, Results, Row

SAME, OTHER = "same-seeds", "other-seeds"


def spread(part: str, arm: str, measure: str, name: str) -> Derive:
    """Derive the standard deviation over the seeds of ln(measure): `spread` of the arm `name`."""

    def derive(results: Results) -> Iterator[Row]:
        logs = _logs(results, part, arm, measure)
        found = pseudo_values(logs.keys(), lambda seeds: math.log(_sd(logs, seeds)))
        for seed, value in found.items():
            yield Row(part, name, seed, "spread", "", math.exp(value), POOLED)

    return derive


def comparison(part: str, measure: str, better: str, worse: str) -> Derive:
    """Derive how far a comparison of one run of `worse` with one of `better` can be trusted.

    `better` has the smaller values; that has to be known beforehand. Each row has a place: whether
    the two runs have the same seed, or each a seed of its own.

    - `difference_spread` at `worse`, of the arms `same-seeds` and `other-seeds`: the standard
      deviation of ln(worse / better).
    - `wrong_share` of the arm `worse` at `same-seeds` and `other-seeds`: the share of the pairs of
      runs in which `worse` does not have the larger value.
    """

    def derive(results: Results) -> Iterator[Row]:
        low, high = _paired(results, part, measure, better, worse)

        def wrong(pairs: Collection[tuple[int, int]]) -> float:
            return sum(low[i] >= high[j] for i, j in pairs) / len(pairs)

        gaps = {seed: high[seed] - low[seed] for seed in low}
        numbers: Mapping[tuple[str, str, str], Callable[[Collection[int]], float]] = {
            (SAME, "difference_spread", worse): lambda seeds: math.log(_sd(gaps, seeds)),
            (OTHER, "difference_spread", worse): lambda seeds: math.log(
                math.hypot(_sd(low, seeds), _sd(high, seeds))
            ),
            (worse, "wrong_share", SAME): lambda seeds: wrong([(i, i) for i in seeds]),
            (worse, "wrong_share", OTHER): lambda seeds: wrong([*permutations(seeds, 2)]),
        }
        for (arm, name, at), statistic in numbers.items():
            for seed, value in pseudo_values(low.keys(), statistic).items():
                shown = math.exp(value) if name == "difference_spread" else value
                yield Row(part, arm, seed, name, at, shown, POOLED)

    return derive


def wrong_by_runs(
    part: str, measure: str, better: str, worse: str, runs: Sequence[int] = (1, 2, 4, 8, 16)
) -> Derive:
    """Derive how often the means of `runs` runs of each setting point the wrong way.

    The mean of ln(worse / better) over k runs is taken as normal, with the mean of all pairs and
    their standard deviation over the square root of k. Rows `expected_wrong_share` of the arms
    `worse-same-seeds` and `worse-other-seeds`, at k; they stand at the first seed.
    """

    def derive(results: Results) -> Iterator[Row]:
        low, high = _paired(results, part, measure, better, worse)
        if len(low) < FEWEST:
            return
        gaps = [high[seed] - low[seed] for seed in low]
        spreads = {SAME: stdev(gaps), OTHER: math.hypot(_sd(low, low), _sd(high, high))}
        for how, sd in spreads.items():
            for k in runs:
                share = NormalDist(fmean(gaps), sd / math.sqrt(k)).cdf(0)
                yield Row(part, f"{worse}-{how}", min(low), "expected_wrong_share", f"{k}", share)

    return derive


def _paired(
    results: Results, part: str, measure: str, better: str, worse: str
) -> tuple[dict[int, float], dict[int, float]]:
    """Return ln(measure) of both arms, by the seeds that both have."""
    low, high = (_logs(results, part, arm, measure) for arm in (better, worse))
    shared = sorted(low.keys() & high.keys())
    return {seed: low[seed] for seed in shared}, {seed: high[seed] for seed in shared}


def _logs(results: Results, part: str, arm: str, measure: str) -> dict[int, float]:
    """Return ln(measure) by seed, where it is finite."""
    found = results.by_seed(part, arm, measure)
    return {s: math.log(value) for s, value in found.items() if 0 < value < math.inf}


def _sd(values: Mapping[int, float], seeds: Collection[int]) -> float:
    return stdev(values[seed] for seed in seeds)
