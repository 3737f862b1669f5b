"""The jackknife, against its textbook cases and against simulation."""

import math
from collections.abc import Collection
from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from nnlab.study.jackknife import pseudo_values

VALUES = dict(enumerate(np.random.default_rng(3).normal(2.0, 0.5, 12)))


def test_the_pseudo_values_of_a_mean_are_the_values() -> None:
    found = pseudo_values(VALUES.keys(), lambda seeds: fmean(VALUES[each] for each in seeds))
    assert found == pytest.approx(VALUES)


def test_the_bias_of_the_variance_that_divides_by_n_is_taken_away() -> None:
    found = pseudo_values(VALUES.keys(), lambda seeds: float(np.var([VALUES[s] for s in seeds])))
    assert fmean(found.values()) == pytest.approx(np.var([*VALUES.values()], ddof=1))


def test_two_seeds_have_no_pseudo_values() -> None:
    assert pseudo_values([1, 2], lambda _: 0.0) == {}


def test_the_interval_covers_the_spread_of_normal_values() -> None:
    draws = np.random.default_rng(0).normal(0.0, 2.0, (400, 32))
    covered = 0
    for draw in draws:

        def log_spread(seeds: Collection[int], draw: np.ndarray = draw) -> float:
            return math.log(np.std(draw[[*seeds]], ddof=1))

        values = [*pseudo_values(range(32), log_spread).values()]
        low, high = stats.t.interval(0.95, 31, fmean(values), stats.sem(values))
        covered += low < math.log(2.0) < high
    assert 0.91 < covered / len(draws) < 0.98
