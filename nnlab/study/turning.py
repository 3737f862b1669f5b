"""Derive where the curves of runs turn: the epoch from which more training hurts.

The lowest value of a noisy curve lies below its last value even if nothing rises. So a seed's
values are compared at the epoch that is best for the *other* seeds: that epoch was chosen without
the noise of this run.
"""

from collections.abc import Iterator, Mapping
from statistics import fmean

from nnlab.study.derive import Derive
from nnlab.study.results import Results, Row

TURN, END = "at-turn", "at-end"


def turning(part: str, arm: str, by: str, *also: str) -> Derive:
    """Derive the values of `by` and `also` at the turn, and at the end, of each run's curves.

    The turn of a seed is the place of the lowest mean of `by` over the other seeds. Rows of the
    arms `ARM-at-turn` and `ARM-at-end`; each measure's curve is `MEASURE_curve`, as that of
    `nnlab.study.measures.curve`.
    """

    def derive(results: Results) -> Iterator[Row]:
        curves = _curves(results, part, arm, by)
        if len(curves) < 2:  # noqa: PLR2004 - others
            return
        for seed in curves:
            turn = _lowest_mean([curve for other, curve in curves.items() if other != seed])
            for measure in (by, *also):
                curve = _curve(results, part, arm, seed, measure)
                for name, place in ((TURN, turn), (END, max(curve))):
                    yield Row(part, f"{arm}-{name}", seed, measure, "", curve[place])

    return derive


def lowest_at(part: str, arm: str, measure: str, name: str) -> Derive:
    """Derive the place of each run's lowest value, as early stopping would find it: `name`."""

    def derive(results: Results) -> Iterator[Row]:
        for seed, curve in _curves(results, part, arm, measure).items():
            yield Row(part, arm, seed, name, "", min(curve, key=lambda place: curve[place]))

    return derive


def ratio(part: str, measure: str, of: str, against: str) -> Derive:
    """Derive `MEASURE_ratio` of the arm `of`: its value over that of `against`, seed by seed."""

    def derive(results: Results) -> Iterator[Row]:
        below = results.by_seed(part, against, measure)
        for seed, value in results.by_seed(part, of, measure).items():
            if below.get(seed):
                yield Row(part, of, seed, f"{measure}_ratio", "", value / below[seed])

    return derive


Curve = Mapping[float, float]


def _curves(results: Results, part: str, arm: str, measure: str) -> dict[int, Curve]:
    found = {s: _curve(results, part, arm, s, measure) for s in results.seeds(part)}
    return {seed: curve for seed, curve in found.items() if curve}


def _curve(results: Results, part: str, arm: str, seed: int, measure: str) -> Curve:
    return dict(zip(*results.curve(part, arm, seed, f"{measure}_curve"), strict=True))


def _lowest_mean(curves: list[Curve]) -> float:
    """Return the place at which the mean of curves is lowest, among the places that all have."""
    shared = set.intersection(*(set(curve) for curve in curves))
    return min(sorted(shared), key=lambda place: fmean(curve[place] for curve in curves))
