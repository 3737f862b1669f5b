"""The measurements of a study: one row a number, whatever order the runs ended in."""

import csv
import io
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

POOLED = "all runs"  # stands in `Row.run` if the number says nothing of one run


class Reading(NamedTuple):
    """A number that was measured on one run.

    Attributes:
        measure: what was measured: `rmse`, `gradient_norm`, ...
        value: the number; inf or nan for a run that diverged.
        at: where: a step, a layer, a class; "" if there is only one place.
    """

    measure: str
    value: float
    at: str = ""


class Row(NamedTuple):
    """A reading, and the run it comes from; a row of results.csv.

    Attributes:
        part: the part of the study.
        arm: the setting, of those that the part compares.
        seed: the seed of the run; pairs are formed by seed.
        measure, at, value: as in `Reading`.
        run: the run directory's name; "" for a number that was derived from several rows;
            POOLED for the pseudo-value of a number that only all seeds together have.
    """

    part: str
    arm: str
    seed: int
    measure: str
    at: str
    value: float
    run: str = ""


class Results:
    """All rows of a study, in an order that does not depend on the order of the runs.

    Args:
        rows: the rows, in any order.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = sorted(set(rows), key=_place)

    def __add__(self, rows: Iterable[Row]) -> "Results":
        return Results([*self.rows, *rows])

    def arms(self, part: str) -> list[str]:
        """Return the arms of `part` that have rows, sorted by name."""
        return sorted({row.arm for row in self.rows if row.part == part})

    def seeds(self, part: str) -> list[int]:
        """Return the seeds of `part`, ascending."""
        return sorted({row.seed for row in self.rows if row.part == part})

    def by_seed(self, part: str, arm: str, measure: str, at: str = "") -> dict[int, float]:
        """Return the value of one measure at one place, by seed; empty if it was not measured."""
        return dict(self._by_place.get((part, arm, measure, at), {}))

    def pooled(self, part: str, arm: str, measure: str, at: str = "") -> bool:
        """Return whether the values are pseudo-values: none says anything of one seed alone."""
        return (part, arm, measure, at) in self._pooled

    def places(self, part: str, arm: str, measure: str) -> list[str]:
        """Return the places `at` which a measure was taken: numbers ascending, then names."""
        wanted = (part, arm, measure)
        found = {row.at for row in self.rows if (row.part, row.arm, row.measure) == wanted}
        return sorted(found, key=_number_first)

    def curve(
        self, part: str, arm: str, seed: int, measure: str
    ) -> tuple[list[float], list[float]]:
        """Return x and y of one run's curve, for a measure whose `at` is a number."""
        wanted = (part, arm, seed, measure)
        points = sorted(
            (float(row.at), row.value)
            for row in self.rows
            if (row.part, row.arm, row.seed, row.measure) == wanted
        )
        return [x for x, _ in points], [y for _, y in points]

    @cached_property
    def _pooled(self) -> set[tuple[str, str, str, str]]:
        return {(r.part, r.arm, r.measure, r.at) for r in self.rows if r.run == POOLED}

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str, str], dict[int, float]]:
        found = dict[tuple[str, str, str, str], dict[int, float]]()
        for row in self.rows:
            found.setdefault((row.part, row.arm, row.measure, row.at), {})[row.seed] = row.value
        return found

    def csv(self) -> str:
        """Return the rows as results.csv, numbers to their last digit."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(self.rows)
        return text.getvalue()


def _place(row: Row) -> tuple[object, ...]:
    return (row.part, row.arm, row.measure, _number_first(row.at), row.seed, row.run, row.value)


def _number_first(at: str) -> tuple[bool, float, str]:
    try:
        return False, float(at), at
    except ValueError:
        return True, 0.0, at
