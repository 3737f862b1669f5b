"""From the rows of a study to its verdicts.

Each test of chance asks on which side of a bound a mean lies. `Paired`: whether the mean of the
differences lies beyond 0, or below the smallest effect that counts. `Within`: whether the mean of
an arm lies between two ends. The verdict is what the interval of Student's t leaves:

    Paired    supported  the interval lies above 0 (in the claimed direction), the mean effect
                         seen is counts or more
              refuted    the interval lies below counts, or even below 0
    Within    supported  the interval lies inside
              refuted    the interval lies outside
    both      undecided  otherwise

The p value of a test is that of the t test, of both sides, against the bound that stands between
the mean and its verdict: 0 for a mean >= counts, else counts; the nearer end of a range. Being
inside a range takes two tests of one side each, and the larger p counts (Schuirmann, "A comparison
of the two one-sided tests procedure and the power approach for assessing the equivalence of average
bioavailability", Journal of Pharmacokinetics and Biopharmaceutics 15 (1987); each at 2.5% here, not
5%, so that the verdict is that of the 95% interval). So each test has one p value, and Holm's
correction over the tests of a study (`nnlab.study.power`) serves all kinds alike. Tests on the
clock are shown, but they decide no claim, and do not enter the correction.

Why Student's t and not the bootstrap: for 20,000 samples of 5 normal values, the "95%" percentile
interval of 2,000 resamples covered the true mean in 84%; with 8 values in 88%. Why 8 seeds and not
5: whatever the values, a sign-flip test of 5 pairs cannot fall below p = 2 / 2^5 = 0.06; with 8
pairs it can fall to 0.008. Values that are equal in all seeds, such as bytes of memory, have no
spread and so no t: that sign-flip test takes its place. Equal pseudo-values of a share say that no
pair of runs, or each, was of one kind: n seeds hold n independent pairs (run k of one arm with run
k + 1 of the other), so that the binomial distribution of n cases decides.

A run that diverged has no value, and its pair is left out. That makes its arm look better than it
is. So a test is undecided if the verdict would say that an arm is better, or good enough, of which
a run diverged. The same holds for a run that did not get to its target, whose cost is at least the
one seen: it may stand as the slower one, but not as the faster one.
"""

from collections.abc import Mapping, Sequence

from nnlab.study.agreement import agreement
from nnlab.study.evidence import Evidence, NoEvidence
from nnlab.study.examine import paired, within
from nnlab.study.power import ALPHA, holm, seeds_for_share_test, seeds_for_sign_test, seeds_needed
from nnlab.study.results import Results
from nnlab.study.several import why
from nnlab.study.study import Claim, Equal, Paired, Study, Test, on_the_clock
from nnlab.study.verdicts import Judged, Outcome, Single, Verdict
from nnlab.study.words import against_the_claim, fact, open_question, says, unscaled


def decide(study: Study, results: Results) -> list[Judged]:
    """Return the verdict on each claim of a study, in their order, from all its rows."""
    examined = [[_examined(test, results) for test in claim.tests] for claim in study.claims]
    counted = [
        each
        for tests in examined
        for each in tests
        if isinstance(each, Evidence) and not on_the_clock(each.test)
    ]
    corrected = dict(zip(counted, holm([each.p for each in counted]), strict=True))
    return [
        _judged(claim, [_outcome(each, corrected) for each in tests])
        for claim, tests in zip(study.claims, examined, strict=True)
    ]


def _examined(test: Test, results: Results) -> Evidence | Outcome:
    """Return what the rows say about a test; at once its outcome, if that is without chance."""
    if isinstance(test, Equal):
        return agreement(test, results)
    found = paired(test, results) if isinstance(test, Paired) else within(test, results)
    if isinstance(found, NoEvidence):
        return Outcome(test, "undecided", found.why, note=found.note, remark=found.why)
    return found


def _outcome(
    found: Evidence | Outcome, corrected: Mapping[Evidence, tuple[float, float]]
) -> Outcome:
    """Return the outcome of a test, whose p after Holm's correction and level are `corrected`."""
    if isinstance(found, Outcome):
        return found
    test, p = found.test, found.p
    p_holm, level = corrected.get(found, (p, ALPHA))
    verdict: Verdict = "undecided"
    seeds = None
    if p_holm <= ALPHA and not found.is_noise and not found.doubt:
        verdict = found.towards
        more = against_the_claim(found) if verdict == "refuted" else ""
    else:
        seeds = _seeds_needed(found, level)
        more = open_question(found, p_holm, seeds, len(corrected))
    half = found.half
    low, high = (
        None if half is None else unscaled(test, found.mean + side * half) for side in (-1, 1)
    )
    return Outcome(
        test,
        verdict,
        "; ".join(filter(None, (fact(found), more))),
        unscaled(test, found.mean),
        low,
        high,
        found.n,
        unscaled(test, found.bound),
        p,
        p_holm if found in corrected else None,
        seeds,
        found.note,
        _single(found) if found.one_tells else None,
        found.noise or None,
        more,
    )


def _seeds_needed(found: Evidence, level: float) -> float | None:
    """Return how many seeds would decide a test; None if no number can."""
    if found.is_noise or found.no_difference or found.doubt:
        return None
    if found.is_share:
        return seeds_for_share_test(level, found.mean, found.bound)
    if found.half is None:
        return seeds_for_sign_test(level)
    return seeds_needed(found.mean, found.spread, level, found.bounds, found.edge)


def _single(found: Evidence) -> Single:
    """Return what one seed alone would have told."""
    seed, first = next(iter(found.values.items()))
    other = sum(_other_way(found, value) for value in found.values.values())
    words = f"seed {seed} alone: {says(found.test, first)}"
    return Single(other / found.n, seed, unscaled(found.test, first), words)


def _other_way(found: Evidence, value: float) -> bool:
    """Return whether one value says the opposite of the mean."""
    if isinstance(test := found.test, Paired):
        return value * found.mean < 0
    inside = [test.low <= unscaled(test, each) <= test.high for each in (value, found.mean)]
    return inside[0] != inside[1]


def _judged(claim: Claim, outcomes: Sequence[Outcome]) -> Judged:
    """Return the verdict on a claim from the outcomes of its tests."""
    counted = [each for each in outcomes if not on_the_clock(each.test)]
    verdicts = {each.verdict for each in counted}
    verdict: Verdict = "undecided"
    if {"supported", "refuted"} <= verdicts:
        verdict = "depends"
    elif len(verdicts) == 1:
        (verdict,) = verdicts
    seeds = None
    if verdict == "undecided":
        seeds = max((n for each in counted if (n := each.seeds_needed) is not None), default=None)
    return Judged(claim, verdict, why(claim, verdict, counted, seeds), tuple(outcomes), seeds)
