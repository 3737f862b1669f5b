"""What the rows say about one test of chance, before all tests are judged together."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from nnlab.reports.statistics import t_quantile, t_test
from nnlab.study.power import share_test, sign_test
from nnlab.study.seeds import Values
from nnlab.study.study import Paired, Within


@dataclass(frozen=True, eq=False)  # so that it can be a key
class Evidence:
    """The values of a test, and what has to be left out by their interval to decide it.

    All numbers are differences, values, or with `log` the natural logarithms of them.

    Attributes:
        test: the test.
        values: of each pair the difference of - against, or the value of the arm; by seed.
        mean: of the values.
        half: half the width of their 95% interval; None if they are all equal.
        towards: what the test says if it decides at all.
        bounds: what the interval must leave out for that.
        edge: where the mean must not cross over: the smallest effect that counts.
        noise: the part of a difference that the test cases alone explain.
        note: which runs were left out.
        doubt: why the test stays undecided whatever its values say, or "".
        one_tells: whether one seed alone says something: not if the values are pseudo-values, or
            if a run did not get to its target.
    """

    test: Paired | Within
    values: Values
    mean: float
    half: float | None
    towards: Literal["supported", "refuted"]
    bounds: tuple[float, ...]
    edge: float
    noise: float = 0.0
    note: str = ""
    doubt: str = ""
    one_tells: bool = True

    @property
    def n(self) -> int:
        """Number of values."""
        return len(self.values)

    @property
    def bound(self) -> float:
        """The bound nearest to the mean: the one that is hardest to leave out."""
        return min(self.bounds, key=lambda bound: abs(self.mean - bound))

    @property
    def spread(self) -> float:
        """Standard deviation of the values, as the test takes it."""
        return (self.half or 0.0) / t_quantile(self.n - 1) * math.sqrt(self.n) * self.widening

    @property
    def widening(self) -> float:
        """How much wider a share at the bound is spread than the one seen, if it is.

        A share p of independent cases is spread in proportion to sqrt(p (1 - p)): a small one that
        is small by luck looks too certain. So the spread at the bound is taken, as in the score
        test of E. B. Wilson, "Probable inference, the law of succession, and statistical
        inference", Journal of the American Statistical Association 22 (1927).
        """
        if not (isinstance(self.test, Within) and self.test.share):
            return 1.0
        seen, there = (share * (1 - share) for share in (self.mean, self.bound))
        return math.sqrt(max(1.0, there / seen)) if seen > 0 else 1.0

    @property
    def no_difference(self) -> bool:
        """Whether all values are the bound itself."""
        return self.half is None and self.mean == self.bound

    @property
    def is_share(self) -> bool:
        """Whether all values are one share of pairs, so that no spread is known."""
        return self.half is None and isinstance(self.test, Within) and self.test.share

    @property
    def is_noise(self) -> bool:
        """Whether the test cases alone explain the distance from the bound."""
        return abs(self.mean - self.bound) <= self.noise > 0

    @cached_property
    def p(self) -> float:
        """The p value of both sides, against `bound`: Student's, or that of equal values."""
        if self.is_share:
            return share_test(self.n, self.mean, self.bound)
        if self.half is None:
            return 1.0 if self.no_difference else sign_test(self.n)
        wide = self.widening
        return t_test(
            [self.mean + wide * (v - self.mean) for v in self.values.values()], self.bound
        )


class NoEvidence(NamedTuple):
    """Why the rows say nothing about a test.

    Attributes:
        why: in words.
        note: which runs were left out.
    """

    why: str
    note: str = ""
