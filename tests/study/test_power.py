"""Holm's correction and the number of seeds, against worked examples, scipy and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from nnlab.study.power import MOST, holm, power, seeds_for_sign_test, seeds_needed, sign_test


def test_holm_gives_the_worked_example() -> None:
    # en.wikipedia.org/wiki/Holm-Bonferroni_method: H4 and H1 are rejected, H3 and H2 are not
    found = holm([0.01, 0.04, 0.03, 0.005])
    assert [p for p, _ in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [level for _, level in found] == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])


@pytest.mark.parametrize("many", [1, 2, 7])
def test_holm_rejects_what_the_procedure_says_step_by_step(many: int) -> None:
    rng = np.random.default_rng(many)
    for ps in rng.uniform(0, 0.2, (200, many)) ** 1.5:
        rejected = set()
        for step, place in enumerate(np.argsort(ps)):
            if ps[place] > 0.05 / (many - step):
                break
            rejected.add(int(place))
        found = holm(ps.tolist())
        assert {place for place, (p, _) in enumerate(found) if p <= 0.05} == rejected
        assert {i for i, (_, level) in enumerate(found) if ps[i] <= level} == rejected


def test_no_p_value_is_above_1() -> None:
    assert [p for p, _ in holm([0.9, 0.8, 0.7])] == [1.0, 1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize("n", [3, 8, 40])
@pytest.mark.parametrize("effect", [0.1, 0.5, 2.0])
def test_the_power_is_that_of_the_noncentral_t(n: int, effect: float) -> None:
    quantile = stats.t(n - 1).ppf(1 - 0.01 / 2)
    right = stats.nct.sf(quantile, n - 1, effect * math.sqrt(n))
    assert power(n, effect, 0.01) == pytest.approx(right, rel=1e-9)


def test_an_effect_far_beyond_the_noise_is_certain_to_be_found() -> None:
    assert power(24, 9.0, 0.00025) == pytest.approx(1)  # scipy.special.nctdtr gives nan here
    assert power(3, 1e12, 0.05) == pytest.approx(1)


# G*Power 3.1, "Means: Difference between two dependent means", two tails, alpha 0.05, power 0.8
@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_seeds_are_those_of_other_software(effect: float, pairs: int) -> None:
    assert seeds_needed(effect, 1.0, 0.05, (0.0,), 0.0) == pairs
    assert seeds_needed(-10 * effect, 10.0, 0.05, (0.0,), 0.0) == pairs


def test_the_number_of_seeds_has_ends() -> None:
    assert seeds_needed(100.0, 1.0, 0.05, (0.0,), 0.0) == 3
    assert seeds_needed(0.0281, 1.0, 0.05, (0.0,), 0.0) < MOST
    assert seeds_needed(0.0279, 1.0, 0.05, (0.0,), 0.0) == math.inf
    assert seeds_needed(0.0, 1.0, 0.05, (0.0,), 0.0) == math.inf


@pytest.mark.parametrize("level", [0.05, 0.05 / 6])
@pytest.mark.parametrize("at", [0.0, 0.3])
def test_a_range_is_decided_as_often_as_the_number_of_seeds_says(level: float, at: float) -> None:
    low, high, spread = -1.0, 0.8, 1.5
    n = int(seeds_needed(at, spread, level, (low, high), high))
    values = np.random.default_rng(1).normal(at, spread, (6_000, n))
    ps = [stats.ttest_1samp(values, bound, axis=1).pvalue for bound in (low, high)]
    middle = values.mean(axis=1)
    decided = (np.maximum(*ps) <= level) & (low < middle) & (middle < high)
    assert 0.78 < decided.mean() < 0.84


@pytest.mark.parametrize("mean", [0.35, 0.5, 0.9])
def test_an_effect_above_one_that_counts_is_decided_as_often(mean: float) -> None:
    counts, spread = 0.3, 1.0
    n = int(seeds_needed(mean, spread, 0.05, (0.0,), counts))
    values = np.random.default_rng(2).normal(mean, spread, (3_000, n))
    seen = values.mean(axis=1)
    supported = (stats.ttest_1samp(values, 0, axis=1).pvalue <= 0.05) & (seen >= counts)
    assert 0.77 < supported.mean() < 0.84


def test_the_sign_test_is_scipys() -> None:
    for n in (3, 5, 8):
        assert sign_test(n) == pytest.approx(stats.binomtest(0, n).pvalue)
    for level in (0.05, 0.05 / 4, 0.05 / 7):
        n = seeds_for_sign_test(level)
        assert sign_test(n) <= level < sign_test(n - 1)
