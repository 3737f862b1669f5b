"""The runs of one arm by seed: which have a value, which diverged."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Self

from nnlab.study.results import Results
from nnlab.study.study import Equal, Paired, Within

Values = Mapping[int, float]
"""Seed -> value."""


class Runs(NamedTuple):
    """What the runs of one arm gave.

    Attributes:
        values: the finite values by seed.
        diverged: the seeds whose run diverged.
        seeds: all seeds of the arm.
    """

    values: Values
    diverged: frozenset[int]
    seeds: frozenset[int]

    @classmethod
    def of(cls, results: Results, test: Paired | Within | Equal, arm: str) -> Self:
        """Return the readings of the test's measure for one arm."""
        read = results.by_seed(test.part, arm, test.measure, test.at)
        flags = results.by_seed(test.part, arm, "diverged")
        values = {seed: value for seed, value in read.items() if math.isfinite(value)}
        lost = {seed for seed, flag in flags.items() if flag} | (read.keys() - values)
        return cls(values, frozenset(lost), frozenset(read.keys() | flags))

    @property
    def all_diverged(self) -> bool:
        """Whether each run diverged, and none has a value."""
        return bool(self.seeds) and self.diverged == self.seeds and not self.values


def doubt(results: Results, test: Paired | Within, arm: str, kept: Collection[int]) -> str:
    """Return why a verdict cannot say that an arm is the better one, or good enough; else "".

    Args:
        results: all rows.
        test: the test.
        arm: the arm that looks good.
        kept: the seeds whose values are used.
    """
    runs = Runs.of(results, test, arm)
    if lost := runs.diverged.difference(kept):
        return f"{len(lost)} of {len(runs.seeds)} runs of {arm} diverged, so that it is not better"
    reached = results.by_seed(test.part, arm, test.reached) if isinstance(test, Paired) else {}
    if late := [seed for seed in kept if reached.get(seed) == 0]:
        return (
            f"{len(late)} of {len(runs.seeds)} runs of {arm} did not get to the target, so that "
            "its cost is not known"
        )
    return ""


def left_out(runs: Sequence[Runs], kept: Collection[int], what: str) -> str:
    """Return how many seeds were left out, and why: "2 of 8 pairs left out: diverged".

    Args:
        runs: those of each arm.
        kept: the seeds that are used.
        what: what a seed gives: "pairs", "runs".
    """
    seeds = frozenset[int]().union(*(each.seeds for each in runs))
    lost = seeds.difference(kept)
    if not lost:
        return ""
    diverged = len(lost & frozenset[int]().union(*(each.diverged for each in runs)))
    if diverged == len(lost):
        why = "diverged"
    elif diverged:
        why = f"{diverged} diverged, {len(lost) - diverged} without a value"
    else:
        why = "no value"
    return f"{len(lost)} of {len(seeds)} {what} left out: {why}"
