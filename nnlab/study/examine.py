"""From the rows of a study to the evidence for one test of chance."""

import math
from collections.abc import Collection, Sequence
from statistics import fmean

from nnlab.reports.statistics import estimate, noise_of_cases, rounding
from nnlab.study.evidence import Evidence, NoEvidence
from nnlab.study.power import FEWEST
from nnlab.study.results import Results
from nnlab.study.seeds import Runs, Values, doubt, left_out
from nnlab.study.study import Paired, Within, worst
from nnlab.text import listed

SPREADLESS = "the spread of these values cannot be computed: they are too large, or too small"


def paired(test: Paired, results: Results) -> Evidence | NoEvidence:
    """Return the differences of the pairs, and what decides them."""
    arms = (test.of, test.against)
    kept, note = _kept(test, results, arms, "pair")
    if isinstance(kept, str):
        return NoEvidence(kept, note)
    of, against = kept
    if (cases := _cases(test, results)) == 0:
        return NoEvidence(f"no run says how many cases it was tested on: {test.cases}", note)
    odd = [x for each in kept for x in each.values() if cases and not 0 <= x <= 1]
    if odd:
        return NoEvidence(f"a share of test cases is from 0 to 1, and one is {odd[0]:.3g}", note)
    values = {seed: of[seed] - against[seed] for seed in of}
    known = _estimate(values, [*of.values(), *against.values()], log=test.log)
    if known is None:
        return NoEvidence(SPREADLESS, note)
    mean, half = known
    sign = -1 if test.expect == "less" else 1
    edge = sign * (math.log(test.counts) if test.log else test.counts) + 0.0  # 0.0, not -0.0
    enough = sign * (mean - edge) >= 0
    more = enough == (test.expect == "more")  # what the verdict says of `of`
    better = test.against if more == (worst(test) > 0) else test.of
    noise = 0.0
    if cases:
        noise = noise_of_cases(*((fmean(each.values()), cases) for each in kept))
    return Evidence(
        test,
        values,
        mean,
        half,
        "supported" if enough else "refuted",
        bounds=(0.0 if enough else edge,),
        edge=edge,
        noise=noise,
        note=note,
        doubt=doubt(results, test, better, values),
        one_tells=not (_pooled(test, results, arms) or _late(test, results, values)),
    )


def within(test: Within, results: Results) -> Evidence | NoEvidence:
    """Return the values of the arm, and what decides them."""
    kept, note = _kept(test, results, (test.arm,), "run")
    if isinstance(kept, str):
        return NoEvidence(kept, note)
    (values,) = kept
    known = _estimate(values, [*values.values()], log=test.log)
    if known is None:
        return NoEvidence(SPREADLESS, note)
    mean, half = known
    ends = (_log(test.low), _log(test.high)) if test.log else (test.low, test.high)
    nearest = min(ends, key=lambda end: abs(mean - end))
    inside = ends[0] <= mean <= ends[1]
    bad = not inside and (mean > ends[1]) == (worst(test) > 0)
    return Evidence(
        test,
        values,
        mean,
        half,
        "supported" if inside else "refuted",
        bounds=tuple(filter(math.isfinite, ends)) if inside else (nearest,),
        edge=nearest,
        note=note,
        doubt="" if bad else doubt(results, test, test.arm, values),
        one_tells=not _pooled(test, results, (test.arm,)),
    )


def _pooled(test: Paired | Within, results: Results, arms: Sequence[str]) -> bool:
    """Return whether the values of an arm belong to all seeds together."""
    return any(results.pooled(test.part, arm, test.measure, test.at) for arm in arms)


def _late(test: Paired, results: Results, seeds: Collection[int]) -> bool:
    """Return whether a run of the pairs did not get to its target."""
    reached = (results.by_seed(test.part, arm, test.reached) for arm in (test.of, test.against))
    return bool(test.reached) and any(each.get(s) == 0 for each in reached for s in seeds)


def _cases(test: Paired, results: Results) -> int | None:
    """Return the number of cases that shares were counted on; 0: no run of the part says it."""
    if not isinstance(test.cases, str):
        return test.cases
    wanted = (test.part, test.cases)
    return int(min((r.value for r in results.rows if (r.part, r.measure) == wanted), default=0))


def _estimate(
    values: Values, parts: Sequence[float], *, log: bool
) -> tuple[float, float | None] | None:
    """Return the mean, and half its interval, None if all values are equal but for rounding.

    Return None if the spread of values that differ cannot be computed.
    """
    each = [*values.values()]
    tiny = rounding([*parts, 1.0] if log else parts)  # a rounding of x is one of eps in log x
    if max(each) - min(each) <= tiny:
        return (each[0] if abs(each[0]) > tiny else 0.0), None
    mean, half, _ = estimate(each)
    return None if half is None else (mean, half)


def _kept(
    test: Paired | Within, results: Results, arms: Sequence[str], what: str
) -> tuple[list[Values] | str, str]:
    """Return the values of each arm at the seeds where all have one, and a note on the others.

    In place of the values stands the reason, if a test cannot be made of them.
    """
    runs = [Runs.of(results, test, arm) for arm in arms]
    if lost := [arm for arm, each in zip(arms, runs, strict=True) if each.all_diverged]:
        return f"all runs of {listed(lost)} diverged", ""
    if silent := [arm for arm, each in zip(arms, runs, strict=True) if not each.values]:
        return f"no run of {listed(silent)} has a value of {test.measure}", ""
    seeds = set.intersection(*(set(each.values) for each in runs))
    note = left_out(runs, seeds, f"{what}s")
    if len(seeds) < FEWEST:
        have = {0: f"no {what} has a value", 1: f"1 {what} has a value"}
        few = have.get(len(seeds), f"{len(seeds)} {what}s have values")
        return f"{few}, and a test needs {FEWEST}", note
    if test.log and (low := min(min(each.values.values()) for each in runs)) <= 0:
        return f"a ratio needs values above 0, and one is {low:.3g}", note
    scaled = _log if test.log else float
    return [{seed: scaled(each.values[seed]) for seed in sorted(seeds)} for each in runs], note


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
