"""What is derived of luck, on made values whose spread is known, against scipy and NumPy."""

from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from nnlab.study.luck import OTHER, SAME, comparison, spread, wrong_by_runs
from nnlab.study.results import Results
from tests.study.made import rows

RNG = np.random.default_rng(5)
LUCK = RNG.normal(0.0, 0.3, 40)  # what the two runs of a seed share
A = np.exp(LUCK + RNG.normal(0.0, 0.1, 40))
B = np.exp(LUCK + RNG.normal(0.2, 0.1, 40))
RESULTS = rows({"a": A, "b": B})


def mean(results: Results, arm: str, measure: str, at: str) -> float:
    return fmean(results.by_seed("p", arm, measure, at).values())


def log_mean(results: Results, arm: str, measure: str, at: str) -> float:
    return fmean(np.log([*results.by_seed("p", arm, measure, at).values()]))


def test_the_spread_is_that_of_the_logarithms() -> None:
    found = RESULTS + spread("p", "a", "loss", "wide")(RESULTS)
    whole = np.log(np.std(np.log(A), ddof=1))
    left_out = [np.log(np.std(np.log(np.delete(A, k)), ddof=1)) for k in range(40)]
    assert log_mean(found, "wide", "spread", "") == pytest.approx(
        40 * whole - 39 * np.mean(left_out)
    )


def test_the_share_of_wrong_comparisons_is_counted_over_all_pairs() -> None:
    found = RESULTS + comparison("p", "loss", "a", "b")(RESULTS)
    u = stats.mannwhitneyu(A, B).statistic  # pairs in which A is larger
    same = int(np.sum(A > B))
    assert mean(found, "b", "wrong_share", SAME) == pytest.approx(same / 40)
    assert mean(found, "b", "wrong_share", OTHER) == pytest.approx((u - same) / (40 * 39))


def test_equal_seeds_have_the_smaller_spread_of_the_difference() -> None:
    found = RESULTS + comparison("p", "loss", "a", "b")(RESULTS)
    paired = np.exp(log_mean(found, SAME, "difference_spread", "b"))
    unpaired = np.exp(log_mean(found, OTHER, "difference_spread", "b"))
    assert paired == pytest.approx(np.std(np.log(B / A), ddof=1), rel=0.02)
    variances = np.var(np.log(A), ddof=1) + np.var(np.log(B), ddof=1)
    assert unpaired == pytest.approx(np.sqrt(variances), rel=0.02)


def test_means_of_several_runs_point_the_wrong_way_less_often() -> None:
    found = RESULTS + wrong_by_runs("p", "loss", "a", "b", runs=(1, 4))(RESULTS)
    gaps = np.log(B / A)
    for runs in (1, 4):
        share = mean(found, f"b-{SAME}", "expected_wrong_share", str(runs))
        sd = np.std(gaps, ddof=1) / np.sqrt(runs)
        assert share == pytest.approx(stats.norm.cdf(-np.mean(gaps) / sd))
    draws = RNG.choice(np.log(B), (20_000, 4)).mean(1) - RNG.choice(np.log(A), (20_000, 4)).mean(1)
    other = mean(found, f"b-{OTHER}", "expected_wrong_share", "4")
    assert other == pytest.approx(np.mean(draws < 0), abs=0.03)


def test_what_belongs_to_all_seeds_together_is_marked() -> None:
    found = RESULTS + comparison("p", "loss", "a", "b")(RESULTS)
    found += spread("p", "a", "loss", "wide")(RESULTS)
    assert found.pooled("p", "wide", "spread")
    assert found.pooled("p", "b", "wrong_share", SAME)
    assert found.pooled("p", OTHER, "difference_spread", "b")
    assert not found.pooled("p", "a", "loss")


def test_runs_that_diverged_are_left_out() -> None:
    lost = rows({"a": A, "b": [np.nan, *B[1:]]})
    found = lost + comparison("p", "loss", "a", "b")(lost)
    assert len(found.by_seed("p", "b", "wrong_share", SAME)) == 39


def test_a_part_without_rows_derives_nothing() -> None:
    nothing = Results([])
    for derive in (spread("p", "a", "loss", "x"), comparison("p", "loss", "a", "b"),
                   wrong_by_runs("p", "loss", "a", "b")):  # fmt: skip
        assert [*derive(nothing)] == []
