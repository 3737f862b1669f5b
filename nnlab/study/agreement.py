"""The test without chance: whether all arms give the same number, seed by seed."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nnlab.study.results import Results
from nnlab.study.seeds import Runs, left_out
from nnlab.study.study import Equal
from nnlab.study.verdicts import Outcome, Verdict
from nnlab.study.words import measured, number


class Gap(NamedTuple):
    """The two arms that differ most at one seed."""

    amount: float
    seed: int
    low: str
    high: str


def agreement(test: Equal, results: Results) -> Outcome:
    """Return whether the arms agree at each seed, or which two differ most.

    One difference beyond the tolerance refutes. Where values are missing, agreement is not
    supported: they could differ.
    """
    arms = test.arms or tuple(results.arms(test.part))
    runs = {arm: Runs.of(results, test, arm) for arm in arms}
    gaps = [*_gaps(runs)]
    if not gaps:
        few = f"fewer than two arms have a {measured(test)}"
        return Outcome(test, "undecided", few, remark=few)
    whole = set.intersection(*(set(each.values) for each in runs.values()))
    note = left_out([*runs.values()], whole, "seeds")
    worst = max(gaps, key=lambda gap: gap.amount)
    apart = (
        f"the {measured(test)} of {worst.high} is {number(worst.amount)} above that of {worst.low} "
        f"at seed {worst.seed}, the largest difference; rounding is up to {number(test.tolerance)}"
    )
    verdict: Verdict
    if worst.amount > test.tolerance:
        verdict, because = "refuted", apart
    elif note:
        verdict, because = "undecided", "not all arms have a value at each seed"
    else:
        verdict = "supported"
        because = (
            f"the {measured(test)} of all {len(arms)} arms is the same but for rounding: the "
            f"largest difference is {number(worst.amount)} ({len(gaps)} seeds)"
        )
    return Outcome(test, verdict, because, worst.amount, n=len(gaps), note=note, remark=because)


def _gaps(runs: Mapping[str, Runs]) -> Iterator[Gap]:
    """Yield the largest difference at each seed at which two arms or more have a value."""
    for seed in sorted({seed for each in runs.values() for seed in each.values}):
        found = sorted(
            (each.values[seed], arm) for arm, each in runs.items() if seed in each.values
        )
        if len(found) > 1:
            (low, first), (high, second) = found[0], found[-1]
            yield Gap(high - low, seed, first, second)
