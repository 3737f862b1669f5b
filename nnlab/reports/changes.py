"""How the groups of a comparison differ from the first one, and what that says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from nnlab.reports.groups import Group
from nnlab.reports.measures import Measure
from nnlab.reports.statistics import Difference, difference, noise_of_cases


@dataclass(frozen=True)
class Change:
    """How a measure differs between two groups.

    Attributes:
        measure: what is compared.
        pair: the labels of the two groups; the difference is the second minus the first.
        difference: the difference, with its interval.
        floor: half the width of the 95% interval that the test cases alone would give
            (`statistics.noise_of_cases`); None if the metric is not a share of test cases.
        left_out: for each of the two groups, its seeds that have no partner and are not used.
    """

    measure: Measure
    pair: tuple[str, str]
    difference: Difference
    floor: float | None
    left_out: tuple[Sequence[int], Sequence[int]] = ((), ())

    @property
    def says(self) -> str:
        """What the difference says: "B better", "B worse", "unclear", "equal", or why nothing."""
        amount, half, *_, fault = self.difference
        if half is None:
            return "equal" if amount == 0 and fault == "no spread" else f"{fault}: no interval"
        if not self.beyond_luck:
            return "unclear"
        return f"{self.pair[1]} {'better' if self.better else 'worse'}"

    @property
    def better(self) -> bool:
        """Whether the second group has the better mean."""
        return (self.difference.amount > 0) == (self.measure.metric.direction == "higher")

    @property
    def beyond_luck(self) -> bool:
        """Whether the difference is larger than its interval and the floor; never without one."""
        amount, half, *_ = self.difference
        return half is not None and abs(amount) > max(half, self.floor or 0.0)


def changes(groups: Sequence[Group], found: Sequence[Measure]) -> Iterator[Change]:
    """Yield the difference of each group from the first one in each measure that has a better."""
    for measure in found:
        if not measure.metric.direction:
            continue
        first, *others = measure.values
        for place, other in enumerate(others, 1):
            if first and other:
                told = difference(first, other)
                pair = (groups[0].label, groups[place].label)
                alone = (sorted(first.keys() - other), sorted(other.keys() - first))
                yield Change(
                    measure,
                    pair,
                    told,
                    _floor(measure, place),
                    alone if told.how == "paired" else ((), ()),
                )


def _floor(measure: Measure, place: int) -> float | None:
    """Return `Change.floor` of the group at `place` against the first one."""
    counted = [(fmean(measure.values[at].values()), measure.of[at]) for at in (0, place)]
    known = [(share, count) for share, count in counted if count]
    return noise_of_cases(*known) if len(known) == len(counted) else None
