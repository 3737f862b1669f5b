"""The intervals, compared with those of scipy.stats, whose code is not ours."""

import numpy as np
import pytest
from scipy import stats

from nnlab.reports.statistics import binomial_error, difference, estimate, noise_of_cases, t_test

RNG = np.random.default_rng(0)
SAMPLES = [
    ([0.91, 0.92], [0.90, 0.95]),
    ([0.05, 0.07, 0.04], [0.12, 0.2, 0.11]),
    (RNG.normal(1, 0.1, 10).tolist(), RNG.normal(1.1, 0.3, 10).tolist()),
    ([1e-9, 2e-9, 4e-9], [1e9, 2e9, 4e9]),
]


def by_seed(values: list[float], first: int = 0) -> dict[int, float]:
    return dict(enumerate(values, first))


@pytest.mark.parametrize("values", [each for pair in SAMPLES for each in pair])
def test_the_interval_of_a_mean_is_students(values: list[float]) -> None:
    found = estimate(values)
    right = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert found.half is not None
    assert (found.mean - found.half, found.mean + found.half) == pytest.approx(right, rel=1e-9)
    assert found.n == len(values)


@pytest.mark.parametrize(("first", "second"), SAMPLES)
def test_a_difference_is_paired_where_seeds_match(first: list[float], second: list[float]) -> None:
    found = difference(by_seed(first), by_seed(second))
    right = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert found.how == "paired"
    assert found.half is not None
    assert found.amount - found.half == pytest.approx(right.low, rel=1e-9)
    assert found.amount + found.half == pytest.approx(right.high, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), SAMPLES)
def test_a_difference_without_common_seeds_is_welchs(
    first: list[float], second: list[float]
) -> None:
    more = [*second, second[0] * 1.5]  # unequal sizes
    found = difference(by_seed(first), by_seed(more, first=100))
    right = stats.ttest_ind(more, first, equal_var=False).confidence_interval(0.95)
    assert found.how == "Welch"
    assert found.half is not None
    assert found.amount - found.half == pytest.approx(right.low, rel=1e-9)
    assert found.amount + found.half == pytest.approx(right.high, rel=1e-9)
    assert found.n == (len(first), len(more))


def test_a_pair_is_one_seed_whatever_the_order_of_the_runs() -> None:
    found = difference({2: 5.0, 0: 1.0, 1: 3.0}, {1: 3.5, 2: 5.6, 0: 1.4})
    right = stats.ttest_rel([1.4, 3.5, 5.6], [1.0, 3.0, 5.0]).confidence_interval(0.95)
    assert found.half is not None
    assert found.amount + found.half == pytest.approx(right.high)


def test_seeds_without_a_partner_are_left_out_of_the_pairs() -> None:
    first = {0: 1.0, 1: 2.0, 2: 3.0, 3: 100.0}  # seed 3 diverged in the other group
    found = difference(first, {0: 1.1, 1: 2.3, 2: 3.2})
    assert (found.how, found.n) == ("paired", (3, 3))
    assert found.amount == pytest.approx(0.2)


def test_seeds_that_overlap_in_part_are_no_pairs() -> None:
    assert difference({0: 1.0, 1: 2.0, 2: 3.0}, {1: 2.0, 2: 3.5, 3: 4.0}).how == "Welch"


@pytest.mark.parametrize(
    ("first", "second"), [({0: 1.0}, {0: 3.0}), ({0: 1.0}, {1: 3.0}), ({0: 1.0}, {0: 2.0, 1: 4.0})]
)
def test_one_run_gives_a_difference_without_an_interval(
    first: dict[int, float], second: dict[int, float]
) -> None:
    found = difference(first, second)
    assert (found.amount, found.half, found.how, found.fault) == (2.0, None, "means", "one run")


def test_one_value_has_no_interval() -> None:
    assert estimate([0.5]) == (0.5, None, 1)


def test_equal_values_are_not_certain() -> None:
    assert [*estimate([2.0, 2.0, 2.0])] == [2.0, None, 3]
    found = difference({0: 1.0, 1: 1.0}, {2: 2.0, 3: 2.0})
    assert [*found] == [1.0, None, "Welch", (2, 2), "no spread"]
    one_is_equal = difference({0: 1.0, 1: 1.0}, {2: 2.0, 3: 2.1})
    assert one_is_equal.half is not None


def test_pairs_that_differ_by_rounding_alone_have_no_spread() -> None:
    first, second = {0: 0.91, 1: 0.92, 2: 0.3}, {0: 0.93, 1: 0.94, 2: 0.32}
    assert len({second[seed] - first[seed] for seed in first}) > 1
    found = difference(first, second)
    assert found.amount == pytest.approx(0.02)
    assert [*found][1:] == [None, "paired", (3, 3), "no spread"]


@pytest.mark.parametrize("values", [each for pair in SAMPLES for each in pair])
def test_the_p_value_is_that_of_a_t_test(values: list[float]) -> None:
    for mean in (0.0, 0.9, values[0]):
        right = stats.ttest_1samp(values, mean).pvalue
        assert t_test(values, mean) == pytest.approx(right, rel=1e-9)


def test_the_noise_of_a_difference_adds_that_of_two_shares() -> None:
    right = 1.96 * np.sqrt(stats.binom(9_000, 0.9).var() / 9_000**2 + 0.25 / 10_000)
    assert noise_of_cases((0.9, 9_000), (0.5, 10_000)) == pytest.approx(right, rel=1e-3)


def test_the_error_of_a_share_is_the_binomial_ones() -> None:
    right = stats.binom(10_000, 0.9).std() / 10_000
    assert binomial_error(0.9, 10_000) == pytest.approx(right, rel=1e-3)


@pytest.mark.parametrize("p", [0.002, 0.05, 0.5, 0.98, 0.999])
def test_the_floor_covers_95_percent_also_near_0_and_1(p: float) -> None:
    cases = 200
    counts = np.arange(cases + 1)
    chance = stats.binom(cases, p).pmf(counts)
    squares = np.array([binomial_error(k / cases, cases) for k in counts]) ** 2
    halves = 1.96 * np.sqrt(squares[:, None] + squares)
    inside = np.abs(counts[:, None] - counts) / cases <= halves
    assert (np.outer(chance, chance) * inside).sum() > 0.94
    assert binomial_error(0, cases) == pytest.approx(binomial_error(1, cases))
    assert binomial_error(1, cases) > 0


def test_values_at_the_end_of_the_floats_have_no_interval_but_a_mean() -> None:
    large = {0: 1e308, 1: 1.5e308}
    middle = pytest.approx(1.25e308)
    assert [*estimate(large.values())] == [middle, None, 2]
    assert [*difference({0: 1.0, 1: 2.0}, large)] == [middle, None, "paired", (2, 2), "too large"]
    assert [*difference({5: 1.0, 6: 2.0}, large)] == [middle, None, "Welch", (2, 2), "too large"]
