"""The tables of a study's page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nnlab.reports.parts import Table
from nnlab.reports.settings import as_text
from nnlab.reports.statistics import estimate
from nnlab.study.labels import NONE, counts, effect, label
from nnlab.study.plan import Settings, planned
from nnlab.study.results import Results
from nnlab.study.several import remark
from nnlab.study.study import Paired, Part, on_the_clock
from nnlab.study.verdicts import Judged, Outcome
from nnlab.study.words import number, p_value

Values = tuple[str, str, str, str, str, bool]
"""Which pairs a test compares: part, measure, at, of, against, log."""
RIGHT = {"n", "p", "p (Holm)", "noise of the test cases", "seeds needed"}


def tests_table(judged: Judged) -> Table:
    """Return a row for each test of a claim; columns that would be empty are left out."""
    header = (
        "measure", "verdict", "effect or value (95% interval)", "claim says", "n", "p", "p (Holm)",
        "noise of the test cases", "seeds needed", "why",
    )  # fmt: skip
    rows = [
        (
            label(each.test), _verdict(each), effect(each), counts(each.test), str(each.n),
            _p(each.p), _p(each.p_holm), _number(each.noise), _seeds(each.seeds_needed),
            (len(judged.outcomes) > 1 and remark(each)) or NONE,  # of one test the claim has it
        )
        for each in judged.outcomes
    ]  # fmt: skip
    used = [place for place, _ in enumerate(header) if any(row[place] != NONE for row in rows)]
    return Table(
        f"Numbers: {judged.claim.name}",
        [header[place] for place in used],
        [[row[place] for place in used] for row in rows],
        right=RIGHT,
    )


def one_seed_table(judged: Sequence[Judged]) -> Table:
    """Return what the first seed alone says for each paired test, and how many seeds disagree.

    Tests of the same pairs are one row, under the first claim that has them. Tests on the clock
    have none, and tests of which one seed alone tells nothing.
    """
    rows: dict[Values, tuple[str, str, str, str]] = {}
    pairs = wrong = 0
    for says, each in ((one.claim.says, each) for one in judged for each in one.outcomes):
        test, single = each.test, each.single
        if not isinstance(test, Paired) or single is None or on_the_clock(test):
            continue
        same = (test.part, test.measure, test.at, test.of, test.against, test.log)
        if same not in rows:
            other = round(single.other_way * each.n)
            rows[same] = (says, label(test), single.says, f"{other} of {each.n}")
            pairs, wrong = pairs + each.n, wrong + other
    return Table(
        "What one seed would have told you",
        ("claim", "measure", "what it says", "pairs that point the other way"),
        list(rows.values()),
        f"Many comparisons are a single pair of runs with one seed. Of {pairs:,} such pairs here, "
        f"{wrong:,} point the other way than all pairs together.",
        right={"pairs that point the other way"},
    )


def foretold_table(prediction: Mapping[str, Mapping[str, Any]], results: Results) -> Table:
    """Return what was foretold, beside what came.

    What came of a number NAME that was foretold of a part is its measure NAME, in the rows of any
    part: the mean over the seeds with its interval, for each arm and place that has it.
    """
    rows = [
        (f"{part}: {name.replace('_', ' ')}", number(float(value)), arm, came)
        for part, told in sorted(prediction.items())
        for name, value in told.items()
        for arm, came in _came(name, results) or [(NONE, NONE)]
    ]
    return Table(
        "What was foretold",
        ("number", "foretold", "measured on", "came (95% interval)"),
        rows,
        "These numbers were written down before the first of the runs that test them.",
        right={"foretold", "came (95% interval)"},
    )


def _came(name: str, results: Results) -> list[tuple[str, str]]:
    places = dict.fromkeys((r.part, r.arm, r.at) for r in results.rows if r.measure == name)
    found = []
    for part, arm, at in places:
        values = results.by_seed(part, arm, name, at).values()
        mean, half, _ = estimate([value for value in values if math.isfinite(value)] or [math.nan])
        interval = "" if half is None else f" ({number(mean - half)} to {number(mean + half)})"
        found.append((f"{part}, {arm}{f' at {at}' * bool(at)}", f"{number(mean)}{interval}"))
    return found


def arms_table(part: Part, settings: Settings, results: Results) -> Table:
    """Return the settings of the arms of a part, and how many of their runs diverged."""
    keys: dict[str, dict[str, str]] = {}
    for run in planned(part, settings, results):
        keys[run.arm] = {k: as_text(v) for k, v in run.keys.items() if k != "seed"}
    every = [set(each.items()) for each in keys.values()]
    shared = set.intersection(*every) if every else set()
    rows = [
        (arm, _keys(each.items() - shared) or "the keys above", *_runs(part.name, arm, results))
        for arm, each in keys.items()
    ]
    return Table(
        f"{part.name}: runs of nnlab {part.experiment}",
        ("arm", "keys that differ", "seeds", "diverged"),
        rows,
        f"All arms have {_keys(shared)}." if shared else "",
        right={"diverged"},
    )


def _keys(pairs: set[tuple[str, str]]) -> str:
    return ", ".join(f"{key} {value}" for key, value in sorted(pairs))


def _runs(part: str, arm: str, results: Results) -> tuple[str, str]:
    """Return the seeds of an arm, and the number of its runs that diverged."""
    diverged = results.by_seed(part, arm, "diverged")
    seeds = sorted(diverged)
    return f"{seeds[0]} to {seeds[-1]}" if seeds else NONE, f"{sum(diverged.values()):.0f}"


def _p(value: float | None) -> str:
    return NONE if value is None else p_value(value)


def _number(value: float | None) -> str:
    return NONE if value is None else number(value)


def _seeds(value: float | None) -> str:
    if value is None:
        return NONE
    return "more than 10,000" if math.isinf(value) else f"{value:,.0f}"


def _verdict(outcome: Outcome) -> str:
    return (
        f"{outcome.verdict} (time or speed: not counted)"
        if on_the_clock(outcome.test)
        else outcome.verdict
    )
