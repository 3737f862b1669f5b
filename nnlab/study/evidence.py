"""What the rows say about one test of chance, before all tests are judged together."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from nnlab.reports.statistics import t_quantile, t_test
from nnlab.study.power import sign_test
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
        """Standard deviation of the values."""
        return (self.half or 0.0) / t_quantile(self.n - 1) * math.sqrt(self.n)

    @property
    def no_difference(self) -> bool:
        """Whether all values are the bound itself."""
        return self.half is None and self.mean == self.bound

    @property
    def is_noise(self) -> bool:
        """Whether the test cases alone explain the distance from the bound."""
        return abs(self.mean - self.bound) <= self.noise > 0

    @cached_property
    def p(self) -> float:
        """The p value of both sides, against `bound`: Student's, or a sign test of equal values."""
        if self.half is None:
            return 1.0 if self.no_difference else sign_test(self.n)
        return t_test(self.values.values(), self.bound)


class NoEvidence(NamedTuple):
    """Why the rows say nothing about a test.

    Attributes:
        why: in words.
        note: which runs were left out.
    """

    why: str
    note: str = ""
