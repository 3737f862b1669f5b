"""Rows that are computed from other rows, for the claims and pictures of a study."""

from collections.abc import Callable, Iterator, Mapping

from nnlab.study.measures import place_name
from nnlab.study.results import Results, Row

Derive = Callable[[Results], Iterator[Row]]


def as_arms(part: str, arm: str, measures: Mapping[str, str], *, into: str, measure: str) -> Derive:
    """Return what copies several measures of one arm, each as an arm of the part `into`.

    So one panel can show them side by side: three layers of one network, say.

    Args:
        part: the part, and
        arm: the arm, whose readings are copied.
        measures: measure -> the name of its new arm.
        into: the name of the new part.
        measure: the name that all of them have there.
    """

    def derive(results: Results) -> Iterator[Row]:
        for row in results.rows:
            if (row.part, row.arm) == (part, arm) and row.measure in measures:
                new = measures[row.measure]
                yield Row(into, new, row.seed, measure, row.at, row.value, row.run)

    return derive


def as_places(part: str, x_of: Mapping[str, float], *, measure: str, into: str, arm: str) -> Derive:
    """Return what copies a measure of several arms as the places of one arm of the part `into`.

    So one line of a panel can go through them, beside other lines.

    Args:
        part: the part whose readings are copied.
        x_of: its arms, and the place of each.
        measure: the measure, which keeps its name.
        into: the name of the new part, and
        arm: of its arm.
    """

    def derive(results: Results) -> Iterator[Row]:
        for row in results.rows:
            if row.part == part and row.arm in x_of and (row.measure, row.at) == (measure, ""):
                place = place_name(x_of[row.arm])
                yield Row(into, arm, row.seed, measure, place, row.value, row.run)

    return derive
