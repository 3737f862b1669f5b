"""The verdicts: each number against scipy.stats, and each kind of verdict on made rows."""

import json
import math
from collections.abc import Iterable

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from nnlab.study.decide import decide
from nnlab.study.results import POOLED, Results, Row
from nnlab.study.study import Claim, Equal, Paired, Test, Within, on_the_clock
from nnlab.study.verdicts import Judged, Outcome, as_json, summary
from tests.study.made import rows, study

RNG = np.random.default_rng(0)
A = RNG.normal(1.0, 0.1, 8)
B = RNG.normal(1.4, 0.1, 8)
NAN = math.nan
LESS = Paired(part="p", measure="loss", of="a", against="b", expect="less")


def less(**changed: object) -> Paired:
    return Paired(**{**LESS.model_dump(), **changed})


def within(low: float, high: float, *, log: bool = False) -> Within:
    return Within(part="p", measure="loss", arm="a", low=low, high=high, log=log)


def equal(*arms: str) -> Equal:
    return Equal(part="p", measure="loss", tolerance=1e-12, arms=arms)


def judged(test: Test | Claim, **arms: Iterable[float]) -> Judged:
    return decide(study(test), rows(arms))[0]


def outcome(test: Test, **arms: Iterable[float]) -> Outcome:
    return judged(test, **arms).outcomes[0]


def test_a_difference_is_scipys_paired_t_test() -> None:
    found = outcome(LESS, a=A, b=B)
    right = stats.ttest_rel(A, B)
    interval = right.confidence_interval()
    assert found.p == pytest.approx(right.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.estimate == pytest.approx(np.mean(A - B))
    assert found.n == 8
    assert (found.verdict, found.p_holm) == ("supported", found.p)


def test_with_log_it_is_a_ratio() -> None:
    found = outcome(less(log=True, counts=1.0), a=A, b=B)
    right = stats.ttest_rel(np.log(A), np.log(B))
    interval = right.confidence_interval()
    assert found.p == pytest.approx(right.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(np.exp([interval.low, interval.high]), rel=1e-9)
    assert found.estimate == pytest.approx(stats.gmean(A) / stats.gmean(B))
    assert "times the loss of b" in found.because


@pytest.mark.parametrize("high", [0.9, 1.01, 1.1, 1.4])
def test_within_is_two_one_sided_tests(high: float) -> None:
    low = 0.5
    found = outcome(within(low, high), a=A)
    above = stats.ttest_1samp(A, low, alternative="greater").pvalue
    below = stats.ttest_1samp(A, high, alternative="less").pvalue
    over = stats.ttest_1samp(A, high, alternative="greater").pvalue
    expected = "supported" if max(above, below) < 0.025 else "undecided"
    assert found.verdict == ("refuted" if over < 0.025 else expected)
    interval = stats.ttest_1samp(A, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.p == pytest.approx(2 * min(max(above, below), over), rel=1e-9)


def test_within_takes_the_geometric_mean_with_log() -> None:
    found = outcome(within(0.8, 1.5, log=True), a=A)
    assert found.estimate == pytest.approx(stats.gmean(A))
    assert found.bound == pytest.approx(0.8)
    assert outcome(within(-math.inf, 2.0), a=A).verdict == "supported"
    assert outcome(within(0.0, 0.5, log=True), a=A).verdict == "refuted"


@pytest.mark.parametrize(
    ("expect", "counts", "verdict", "words"),
    [
        ("less", 0.0, "supported", "0.2 below that of b"),
        ("more", 0.0, "refuted", "the claim says more"),
        ("less", 0.15, "supported", ""),
        ("less", 0.3, "refuted", "there is an effect, but it is smaller than what counts (0.3)"),
        ("less", 0.21, "undecided", "it may be more or less than what counts, 0.21"),
    ],
)
def test_what_counts_decides(expect: str, counts: float, verdict: str, words: str) -> None:
    found = outcome(
        less(expect=expect, counts=counts),
        a=[1.0, 1.1, 1.2, 1.0, 1.1, 1.2, 1.1, 1.1],
        b=[1.2, 1.3, 1.4, 1.25, 1.25, 1.4, 1.35, 1.25],
    )
    assert found.verdict == verdict
    assert words in found.because
    assert (found.seeds_needed is not None) == (verdict == "undecided")


def test_no_effect_seen_by_runs_that_would_have_shown_one_is_refuted() -> None:
    noise = RNG.normal(0, 0.01, 8)
    found = outcome(less(counts=0.3), a=A + noise - noise.mean(), b=A)
    assert found.verdict == "refuted"
    assert "if there is an effect, it is smaller than what counts" in found.because


def test_chance_is_undecided_with_the_number_of_seeds() -> None:
    values = stats.zscore(np.arange(8.0), ddof=1) + 0.5  # mean 0.5, standard deviation 1
    found = judged(less(expect="more"), a=values, b=np.zeros(8))
    assert (found.verdict, found.seeds_needed) == ("undecided", 34)  # 34: G*Power
    assert "about 34 seeds would decide it" in found.because
    tiny = judged(less(expect="more"), a=values - 0.4999, b=np.zeros(8))
    assert tiny.seeds_needed == math.inf
    assert "more than 10,000 seeds" in tiny.because


def test_holm_takes_all_tests_of_a_study_but_those_on_the_clock() -> None:
    clock = less(measure="seconds", of="b", against="a", setting="s")
    second = within(0.9, 1.3)
    both = Claim(
        name="both", says="x", tests=(clock, less(setting="t")), differs="what is measured"
    )
    found = decide(
        study(both, second), rows({"a": A, "b": B}) + rows({"a": A, "b": B}, "seconds").rows
    )
    timed, first = found[0].outcomes
    assert (timed.verdict, timed.p_holm) == ("refuted", None)
    assert found[0].verdict == first.verdict == "supported"
    other = found[1].outcomes[0]
    assert first.p is not None
    assert other.p is not None
    small, large = sorted([first.p, other.p])
    assert sorted([first.p_holm or 0, other.p_holm or 0]) == [2 * small, max(2 * small, large)]


@pytest.mark.parametrize(
    ("measure", "is_time"),
    [
        ("seconds", True), ("seconds_per_step", True), ("samples_per_second", True),
        ("images_per_second", True), ("wall_time", True), ("step_ms", True), ("duration", True),
        ("steps", False), ("rmse_by_steps", False), ("steps_to_rmse_0.6", False),
        ("params", False), ("status", False), ("best_epoch", False), ("peak_bytes", False),
    ],
)  # fmt: skip
def test_times_and_speeds_are_on_the_clock(measure: str, is_time: bool) -> None:
    assert on_the_clock(less(measure=measure)) is is_time


def test_a_difference_within_the_noise_of_the_test_images_is_undecided() -> None:
    share = np.full(8, 0.9) + RNG.normal(0, 1e-4, 8)
    noise = 1.96 * math.sqrt(2) * stats.binom(10_000, 0.9).std() / 10_000
    for effect, verdict in ((0.95 * noise, "undecided"), (1.05 * noise, "supported")):
        spread = RNG.normal(0, 1e-5, 8)
        b = share + effect + spread - spread.mean()
        found = outcome(less(cases=10_000), a=share, b=b)
        assert found.verdict == verdict
        assert ("more seeds cannot decide it" in found.because) == (verdict == "undecided")
        assert found.seeds_needed is None
    assert "a share" in outcome(less(cases=10), a=A + 1, b=B).because


def test_the_runs_say_how_many_test_images_there_were() -> None:
    share = np.full(8, 0.9) + RNG.normal(0, 1e-4, 8)
    values = rows({"a": share, "b": share + 0.01 + RNG.normal(0, 1e-5, 8)})
    test = less(cases="images")
    for images, verdict in ((2_000, "undecided"), (30_000, "supported")):
        counted = rows({"other": [images, images + 1]}, "images")
        (found,) = decide(study(test), values + counted.rows)
        assert found.verdict == verdict
        same = decide(study(less(cases=images)), values)[0]
        assert found.outcomes[0].noise == same.outcomes[0].noise
    assert "no run says how many cases" in decide(study(test), values)[0].because


def test_a_range_without_an_end_is_told_without_it() -> None:
    spread = RNG.normal(0, 0.01, 8)
    for test, told in (
        (within(10, math.inf), "that is less than 10"),
        (within(-math.inf, 0.5), "that is more than 0.5"),
        (within(0, 0.5, log=True), "that is more than 0.5"),
        (within(2, 3), "that is not within 2 to 3"),
    ):
        found = outcome(test, a=1 + spread)
        assert (found.verdict, told in found.because) == ("refuted", True)
    assert "it may be 10 or more, or not" in outcome(within(10, math.inf), a=10 + spread).because


def test_equal_differences_are_judged_by_their_signs() -> None:
    assert outcome(LESS, a=[5] * 8, b=[9] * 8).verdict == "supported"  # bytes, say
    assert outcome(LESS, a=[5] * 8, b=[9] * 8).p == pytest.approx(2 / 2**8)
    assert outcome(LESS, a=[9] * 8, b=[5] * 8).verdict == "refuted"
    assert outcome(less(counts=5), a=[5] * 8, b=[9] * 8).verdict == "refuted"
    few = outcome(LESS, a=[0.1, 0.2, 0.3], b=[0.3, 0.4, 0.5])  # equal but for rounding
    assert (few.verdict, few.low, few.seeds_needed) == ("undecided", None, 6)
    assert "the same in all 3 seeds" in few.because
    assert outcome(within(4, 6), a=[5] * 8).verdict == "supported"


def test_no_difference_at_all_is_no_evidence() -> None:
    found = outcome(LESS, a=A, b=A)
    assert (found.verdict, found.p, found.seeds_needed) == ("undecided", 1.0, None)
    assert "no run speaks for the claim" in found.because
    assert outcome(less(counts=0.1), a=A, b=A).verdict == "refuted"


def test_runs_that_diverged_are_left_out_and_counted() -> None:
    found = judged(LESS, a=A, b=[*B[:6], NAN, NAN])
    right = stats.ttest_rel(A[:6], B[:6])
    assert found.outcomes[0].p == pytest.approx(right.pvalue)
    assert found.because.endswith("2 of 8 pairs left out: diverged")
    few = judged(LESS, a=[*A[:2], *[NAN] * 6], b=B)
    assert "2 pairs have values, and a test needs 3" in few.because
    assert "6 of 8 pairs left out: diverged" in few.because
    one = judged(LESS, a=[A[0], *[NAN] * 7], b=B)
    assert one.because.startswith("1 pair has a value, and a test needs 3")
    assert "no pair has a value, " in judged(LESS, a=[1, NAN], b=[NAN, 1]).because
    none = judged(LESS, a=[NAN] * 8, b=B)
    assert (none.verdict, none.because) == ("undecided", "all runs of a diverged")
    assert "no run of b has a value of loss" in judged(LESS, a=A).because
    infinite = judged(LESS, a=[*A[:7], math.inf], b=B)
    assert "1 of 8 pairs left out" in infinite.because


FIVE_LOST = [*A[:3], *[NAN] * 5]


@pytest.mark.parametrize(
    ("test", "arms", "verdict"),
    [
        (LESS, {"a": A - 5, "b": B}, "supported"),
        (LESS, {"a": [*A[:7] - 5, NAN], "b": B}, "undecided"),
        (LESS, {"a": A - 5, "b": [*B[:7], NAN]}, "supported"),
        (LESS, {"a": A + 5, "b": [*B[:7], NAN]}, "undecided"),
        (LESS, {"a": [*A[:7] + 5, NAN], "b": B}, "refuted"),
        (LESS, {"a": [*A[:7] - 5, NAN], "b": [*B[:7], NAN]}, "undecided"),
        (less(expect="more"), {"a": [*A[:7] + 5, NAN], "b": B}, "supported"),
        (less(expect="more"), {"a": A + 5, "b": [*B[:7], NAN]}, "undecided"),
        (less(counts=50), {"a": A - 5, "b": [*B[:7], NAN]}, "undecided"),  # it may be too small
        (within(0, 9), {"a": FIVE_LOST}, "undecided"),
        (within(-9, 0), {"a": FIVE_LOST}, "refuted"),
        (within(5, 9), {"a": FIVE_LOST}, "undecided"),
    ],
)
def test_an_arm_of_which_a_run_diverged_is_not_the_better_one(
    test: Paired | Within, arms: dict[str, list[float]], verdict: str
) -> None:
    found = judged(test, **arms)
    assert found.verdict == verdict
    if verdict == "undecided":
        assert "diverged, so that it is not better" in found.because
        assert found.seeds_needed is None


def test_runs_that_diverged_are_told_by_their_number() -> None:
    found = judged(within(0.5, math.inf).model_copy(update={"measure": "diverged"}), a=[NAN] * 8)
    assert (found.verdict, found.because) == ("supported", "8 of 8 runs of a diverged")
    single = found.outcomes[0].single
    assert single is not None
    assert single.says == "seed 0 alone: the run of a diverged"


def test_an_accuracy_that_diverged_was_the_lower_one() -> None:
    test = less(measure="val_accuracy", expect="more")
    for a, b, verdict in (
        ([*A[:7] + 5, NAN], B, "undecided"), (A + 5, [*B[:7], NAN], "supported"),
    ):  # fmt: skip
        found = decide(study(test), rows({"a": a, "b": b}, "val_accuracy"))
        assert found[0].verdict == verdict


@pytest.mark.parametrize(
    ("late", "expect", "verdict"),
    [
        ("", "less", "supported"), ("a", "less", "undecided"), ("b", "less", "supported"),
        ("", "more", "refuted"), ("a", "more", "undecided"), ("b", "more", "refuted"),
        ("ab", "less", "undecided"),
    ],
)  # fmt: skip
def test_a_run_that_did_not_get_there_is_not_the_faster_one(
    late: str, expect: str, verdict: str
) -> None:
    reached = rows({arm: [float(arm not in late)] + [1.0] * 7 for arm in "ab"}, "reached")
    (found,) = decide(
        study(less(expect=expect, reached="reached")), rows({"a": A - 5, "b": B}) + reached.rows
    )
    assert found.verdict == verdict
    if verdict == "undecided":
        assert "1 of 8 runs of a did not get to the target" in found.because


def share(of: Iterable[float]) -> Outcome:
    test = Within(part="p", measure="loss", arm="a", low=-math.inf, high=0.05, share=True)
    return outcome(test, a=of)


@pytest.mark.parametrize("n", [8, 71, 72])
def test_a_share_without_a_case_is_decided_by_the_binomial_distribution(n: int) -> None:
    right = stats.binomtest(0, n, 0.05, alternative="less").pvalue
    found = share([0.0] * n)
    assert found.p == pytest.approx(min(1, 2 * right))
    assert found.verdict == ("supported" if n == 72 else "undecided")
    assert found.seeds_needed == (None if n == 72 else 72)
    assert share([1.0] * n).verdict == "refuted"
    equal = share([0.02] * n)
    assert (equal.verdict, equal.p, equal.seeds_needed) == ("undecided", 1.0, None)
    assert "noise" not in equal.because
    assert "cannot be told from these seeds; try more" in equal.because


def test_a_small_share_has_the_spread_of_one_at_the_bound() -> None:
    values = RNG.normal(0.01, 0.02, 32)
    mean = np.mean(values)
    error = stats.sem(values) * np.sqrt(0.05 * 0.95 / (mean * (1 - mean)))
    assert share(values).p == pytest.approx(2 * stats.t.sf(abs(mean - 0.05) / error, 31))
    large = values + 0.1
    assert share(large).p == pytest.approx(stats.ttest_1samp(large, 0.05).pvalue)


def test_values_that_no_test_can_be_made_of() -> None:
    assert "above 0" in judged(less(log=True, counts=1), a=[0, 1, 2], b=B[:3]).because
    huge = judged(LESS, a=[1e308, -1e308, 1e300], b=[1, 2, 3])
    assert "cannot be computed" in huge.because


def test_arms_that_agree() -> None:
    assert outcome(equal(), a=A, b=A, c=A + 1e-14).verdict == "supported"
    far = B.copy()
    far[3] = A[3] + 0.75
    apart = outcome(equal("a", "c"), a=A, b=B, c=np.where(np.arange(8) == 3, far, A))
    assert apart.verdict == "refuted"
    assert "the loss of c is 0.75 above that of a at seed 3" in apart.because
    assert apart.p is None
    assert outcome(equal("a", "b"), a=A, b=[*A[:7], NAN]).verdict == "undecided"
    assert outcome(equal("a", "b"), a=A, b=[*B[:7], NAN]).verdict == "refuted"
    assert outcome(equal("a", "b"), a=A, b=[NAN] * 8).verdict == "undecided"
    assert outcome(equal("a", "z"), a=A).verdict == "undecided"


@pytest.mark.parametrize(
    ("expects", "verdict", "words"),
    [
        (("less", "less"), "supported", "supported for one, two"),
        (("more", "more"), "refuted", "refuted for one, two"),
        (("less", "more"), "depends", "it depends on the time: supported for one; refuted for two"),
    ],
)
def test_several_settings_of_one_claim(expects: tuple[str, str], verdict: str, words: str) -> None:
    tests = [
        less(expect=expect, setting=name)
        for expect, name in zip(expects, ("one", "two"), strict=True)
    ]
    claim = Claim(name="c", says="x", tests=tuple(tests), differs="the time")
    found = judged(claim, a=A, b=B)
    assert (found.verdict, found.because) == (verdict, words)
    assert summary(found) == ("x", verdict, words)


def test_of_several_settings_each_is_named_and_all_are_in_quotes_if_one_has_a_comma() -> None:
    names = [f"lr {i}" for i in range(12)]
    for first, quote in (("lr 0", ""), ("lr 0, batch 1", '"')):
        tests = tuple(less(setting=name) for name in [first, *names[1:]])
        found = judged(Claim(name="c", says="x", tests=tests, differs="the rate"), a=A, b=B)
        listed = ", ".join(f"{quote}{name}{quote}" for name in [first, *names[1:]])
        assert found.because == f"supported for {listed}"


def test_what_was_left_out_is_told_of_several_settings_too() -> None:
    tests = (less(setting="one"), less(against="c", setting="two"))
    claim = Claim(name="c", says="x", tests=tests, differs="the time")
    note = "2 of 8 pairs left out: diverged"
    lost = [*B[:6], NAN, NAN]
    assert judged(claim, a=A, b=lost, c=B).because == f"supported for one, two; one: {note}"
    assert judged(claim, a=A, b=lost, c=lost).because == f"supported for one, two; {note}"
    apart = Claim(
        name="c",
        says="x",
        tests=(tests[0], equal("a", "z").model_copy(update={"setting": "two"})),
        differs="the time",
    )
    assert judged(apart, a=A, b=B).because == (
        "supported for one; undecided for two; two: fewer than two arms have a loss"
    )
    silent = judged(claim, a=A, b=B)
    assert silent.because == (
        "supported for one; undecided for two; two: no run of c has a value of loss"
    )
    assert silent.outcomes[1].remark == silent.outcomes[1].because
    refuted = outcome(less(expect="more"), a=A, b=B)
    assert refuted.remark == "the claim says more"
    assert outcome(LESS, a=A, b=B).remark == ""


def test_what_only_the_correction_leaves_open_is_told_so() -> None:
    values = stats.zscore(np.arange(8.0), ddof=1) + 0.9
    arms = {"a": values, "b": np.zeros(8), "c": np.zeros(8)}
    more = less(expect="more")
    found = decide(study(more, *[less(expect="more", against="c")] * 3), rows(arms))[0]
    p = stats.ttest_1samp(values, 0).pvalue
    assert p < 0.05 < 4 * p
    told = (
        f"alone it would be decided (p = {p:.2g}); with 4 tests in this study it is not yet "
        f"({4 * p:.2g} after Holm's correction); about "
    )
    assert found.verdict == "undecided"
    assert told in found.because
    assert "chance" not in found.because


def test_a_number_of_all_seeds_together_tells_nothing_of_one() -> None:
    spreads = [Row("p", arm, s, "loss", "", float(x), POOLED) for arm, of in (("a", A), ("b", B))
               for s, x in enumerate(of)]  # fmt: skip
    (found,) = decide(study(LESS), Results(spreads))
    same = outcome(LESS, a=A, b=B)
    assert found.outcomes[0].p == same.p
    assert found.outcomes[0].single is None
    assert same.single is not None


def test_a_run_that_did_not_get_there_tells_nothing_alone() -> None:
    test = less(reached="reached")
    for late, known in (("", True), ("a", False), ("b", False)):
        reached = rows({arm: [float(arm not in late)] + [1.0] * 7 for arm in "ab"}, "reached")
        (found,) = decide(study(test), rows({"a": A - 5, "b": B}) + reached.rows)
        assert (found.outcomes[0].single is not None) == known


def test_an_undecided_setting_leaves_the_claim_undecided() -> None:
    tests = (less(setting="one"), less(against="c", setting="two"))
    claim = Claim(name="c", says="x", tests=tests, differs="the time")
    found = judged(claim, a=A, b=B, c=A + RNG.normal(0, 0.1, 8))
    assert found.verdict == "undecided"
    assert found.seeds_needed == found.outcomes[1].seeds_needed
    assert found.because.startswith("supported for one; undecided for two; ")


def test_what_one_seed_would_have_told() -> None:
    single = outcome(LESS, a=[2, 0, 0, 0], b=[1, 1, 1.5, 2]).single
    assert single is not None
    assert (single.other_way, single.seed, single.estimate) == (0.25, 0, 1.0)
    assert single.says == "seed 0 alone: the loss of a is 1 above that of b"
    inside = outcome(within(0, 1.1), a=[1, 1, 1, 1.2]).single
    assert inside is not None
    assert inside.other_way == 0.25


def test_the_order_of_the_rows_changes_no_byte() -> None:
    tests = (LESS, within(0.9, 1.3), equal(), less(against="c", log=True, counts=1.1))
    every = rows({"a": A, "b": [*B[:7], NAN], "c": B + A}).rows
    first = json.dumps(as_json(decide(study(*tests), Results(every))), allow_nan=False)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(every))
        shuffled = [every[place] for place in order]
        again = json.dumps(as_json(decide(study(*tests), Results(shuffled))), allow_nan=False)
        assert again == first


def test_json_names_what_it_cannot_hold() -> None:
    found = decide(study(within(-math.inf, 1.0 + 1e-9)), rows({"a": 1 + stats.zscore(A)}))
    text = json.dumps(as_json(found), allow_nan=False)
    (test,) = json.loads(text)[0]["tests"]
    assert (test["low"], test["outcome"]["seeds_needed"]) == ("-inf", "inf")


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 1.0, "high": 1.0},
        {"low": -math.inf, "high": math.inf},
        {"low": 0.0, "high": math.inf, "log": True},
        {"low": -1.0, "high": 0.0, "log": True},
        {"low": NAN, "high": 1.0},
    ],
)
def test_bounds_that_decide_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=r"`low`|`high`"):
        Within(part="p", measure="loss", arm="a", **wrong)


def test_cases_are_for_differences_of_shares() -> None:
    with pytest.raises(ValidationError, match="shares"):
        less(log=True, counts=1.0, cases=100)
