"""What the numbers of a test say, in words."""

import math
import re

from nnlab.study.evidence import Evidence
from nnlab.study.power import ALPHA, MOST
from nnlab.study.study import Equal, Paired, Test, Within

SMALL, LARGE = 1_000, 1_000_000  # between them a number is shown whole
MOST_DECIMALS = 8  # of a ratio near 1
PLURAL = re.compile(r"(bytes|epochs|runs|samples|seconds|steps)(_|$)")  # "the samples ... are"


def number(value: float) -> str:
    """Return a number with three digits; 3,217 and the like whole."""
    return f"{value:,.0f}" if SMALL <= abs(value) < LARGE else f"{value:.3g}"


def ratio(value: float) -> str:
    """Return a ratio with three digits; within 1% of 1 with one digit that differs from 1."""
    if value == 1 or abs(beside := value - 1) > 0.01:  # noqa: PLR2004
        return number(value)
    decimals = min(MOST_DECIMALS, -math.floor(math.log10(abs(beside))))
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def p_value(p: float) -> str:
    """Return a p value with two digits, or as many as tell on which side of 5% it is."""
    texts = (f"{p:.{digits}g}" for digits in range(2, 18))  # 17 digits are the number itself
    sides = (p < ALPHA, p > ALPHA)
    return next(t for t in texts if (float(t) < ALPHA, float(t) > ALPHA) == sides)


def shown(test: Test, value: float) -> str:
    """Return a difference, a ratio or a value of a test, as `unscaled` gives it."""
    return ratio(value) if isinstance(test, Paired) and test.log else number(value)


def measured(test: Test) -> str:
    """Return what a test measures: "val accuracy", "gradient norm at 2"."""
    return test.measure.replace("_", " ") + f" at {test.at}" * bool(test.at)


def unscaled(test: Test, value: float) -> float:
    """Return a difference, or with `log` the ratio, as people read it."""
    if isinstance(test, Equal) or not test.log:
        return value
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def says(test: Paired | Within, value: float) -> str:
    """Return what a value of the evidence says, such as "a has 3.2 times the rmse of b"."""
    what, told = measured(test), shown(test, unscaled(test, value))
    many = PLURAL.match(test.measure)
    verb, those = ("are", "those") if many else ("is", "that")
    if isinstance(test, Within) and test.measure == "diverged":
        return f"the run of {test.arm} {'diverged' if value else 'did not diverge'}"
    if isinstance(test, Within):
        return f"the {what} of {test.arm} {verb} {told}"
    if value == 0:
        return f"{test.of} and {test.against} have the same {what}"
    if test.log:
        return f"{test.of} has {told} times the {what} of {test.against}"
    way = "above" if value > 0 else "below"
    apart = f"{number(abs(value))} {way} {those}"
    return f"the {what} of {test.of} {verb} {apart} of {test.against}"


def fact(found: Evidence) -> str:
    """Return what was measured, with its interval and the number of seeds."""
    test, seeds = found.test, f"{found.n} seeds"
    if isinstance(test, Within) and test.measure == "diverged":
        lost = sum(value > 0 for value in found.values.values())
        return f"{lost} of {found.n} runs of {test.arm} diverged"
    if found.half is None:
        return f"{says(test, found.mean)} (the same in all {seeds})"
    low, high = (shown(test, unscaled(test, found.mean + side * found.half)) for side in (-1, 1))
    of = " of the difference" * (isinstance(test, Paired) and not test.log)
    return f"{says(test, found.mean)} (95% interval{of} {low} to {high}; {seeds})"


def against_the_claim(found: Evidence) -> str:
    """Return what a refuted test found in place of what the claim says."""
    test = found.test
    if isinstance(test, Within):
        return f"that is {_outside(test)}"
    as_claimed, half = _sign(test) * found.mean, found.half or 0.0
    if as_claimed + half < 0:
        return f"the claim says {test.expect}"
    effect = "there is an effect, but it" if as_claimed > half else "if there is an effect, it"
    return f"{effect} is smaller than what counts ({_counts(test)})"


def open_question(found: Evidence, p_holm: float, seeds: float | None, tests: int) -> str:
    """Return why a test is undecided, and what would decide it.

    Args:
        found: the evidence.
        p_holm: its p value after Holm's correction; the same if it is not corrected.
        seeds: how many would decide it; None if no number can.
        tests: number of tests that the correction is for.
    """
    if found.doubt:
        return found.doubt
    if seeds is None and found.no_difference:
        return "no run speaks for the claim, or against it"
    if found.is_noise:
        noise = f"the noise of the test cases ({number(found.noise)})"
        return f"that is within {noise}: more seeds cannot decide it"
    if seeds is None:
        return "how far this share can be trusted cannot be told from these seeds; try more"
    if found.p <= ALPHA:
        return (
            f"alone it would be decided (p = {p_value(found.p)}); with {tests} tests in this study "
            f"it is not yet ({p_value(p_holm)} after Holm's correction); {wanted(seeds)}"
        )
    corrected = f", {p_value(p_holm)} after Holm's correction" * (p_holm != found.p)
    return f"{_open(found)} (p = {p_value(found.p)}{corrected}); {wanted(seeds)}"


def _open(found: Evidence) -> str:
    """Return what an interval leaves open."""
    if isinstance(found.test, Within):
        return f"it may be {_range(found.test)}, or not"
    if found.bound:
        return f"it may be more or less than what counts, {_counts(found.test)}"
    return "that may be chance"


def wanted(seeds: float) -> str:
    """Return how many seeds would decide a test; inf: more than 10,000."""
    if math.isinf(seeds):
        return f"more than {MOST:,} seeds would be needed to decide it"
    return f"about {seeds:,.0f} seeds would decide it"


def _sign(test: Paired) -> int:
    return -1 if test.expect == "less" else 1


def _counts(test: Paired) -> str:
    """Return the smallest effect that counts: "0.01", "1.1 times", "0.909 times"."""
    return f"{number(test.counts ** _sign(test))} times" if test.log else number(test.counts)


def _outside(test: Within) -> str:
    """Return what a value is that is not in the range: "more than 0.1", "not within 0.9 to 1.1"."""
    if math.isinf(test.high):
        return f"less than {number(test.low)}"
    if math.isinf(test.low) or (test.log and test.low <= 0):
        return f"more than {number(test.high)}"
    return f"not {_range(test)}"


def _range(test: Within) -> str:
    """Return what a value should be: "within 0.9 to 1.1", "10 or more"."""
    if math.isinf(test.high):
        return f"{number(test.low)} or more"
    if math.isinf(test.low) or (test.log and test.low <= 0):
        return f"{number(test.high)} or less"
    return f"within {number(test.low)} to {number(test.high)}"
