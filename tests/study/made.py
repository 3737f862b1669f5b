"""Studies and rows for tests, without runs."""

import csv
import io
from collections.abc import Iterable, Mapping

from matplotlib.figure import Figure

from nnlab.runs.saved import SavedRun
from nnlab.study.results import Reading, Results, Row
from nnlab.study.study import Claim, Part, Picture, Study, Test


def measure(run: SavedRun) -> Iterable[Reading]:
    yield Reading("loss", run.summary["rmse"])


def draw(_: Results) -> Figure:
    return Figure()


ARMS: dict[str, dict[str, object]] = {arm: {} for arm in "abcdefz"}


def study(*claims: Claim | Test) -> Study:
    """Return a study of claims; a test becomes a claim of its own."""
    return Study(
        name="made",
        question="What do these numbers say?",
        method="Numbers in place of runs.",
        parts=(Part(name="p", experiment="cubic", arms=ARMS, measures=(measure,)),),
        claims=tuple(
            each
            if isinstance(each, Claim)
            else Claim(name=f"c{i}", says="a is less", tests=(each,))
            for i, each in enumerate(claims)
        ),
        pictures=(Picture(name="p", draw=draw, caption="Nothing."),),
    )


def rows(of: Mapping[str, Iterable[float]], measure: str = "loss") -> Results:
    """Return the rows of a measure, of each arm by seed from 0; nan: this run diverged."""
    return Results(
        row
        for arm, values in of.items()
        for seed, value in enumerate(values)
        for row in _run(arm, seed, measure, float(value))
    )


def _run(arm: str, seed: int, measure: str, value: float) -> Iterable[Row]:
    diverged = value != value  # noqa: PLR0124  (nan)
    yield Row("p", arm, seed, "diverged", "", float(diverged), f"p-{arm}-s{seed}")
    if not diverged:
        yield Row("p", arm, seed, measure, "", value, f"p-{arm}-s{seed}")


def from_csv(text: str) -> Results:
    """Return the rows of a results.csv."""
    header, *lines = csv.reader(io.StringIO(text))
    assert tuple(header) == Row._fields
    return Results(
        Row(part, arm, int(seed), measure, at, float(value), run)
        for part, arm, seed, measure, at, value, run in lines
    )
