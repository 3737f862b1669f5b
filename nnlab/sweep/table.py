"""The trials of a sweep as rows: for CSV, and for the tables that people read."""

import csv
import io
from collections.abc import Sequence

from nnlab.reports.parts import Table
from nnlab.reports.settings import as_text
from nnlab.reports.statistics import estimate
from nnlab.sweep.plan import Choices, Keys, Plan
from nnlab.sweep.trial import Results, Trial
from nnlab.sweep.words import BAD, interval, key_text, number
from nnlab.text import printable

TOP = 10  # rows of the table of the best
MOST_ROWS = 200  # of the table of all trials
INTERVAL = "95% interval"


def trials_csv(results: Results) -> str:
    """Return the trials as CSV, a line each, numbers to their last digit.

    It holds no time and no path, so that equal results give equal bytes. A list is JSON text.
    """
    plan = results.plan
    seeds = plan.paired if plan.seeds > 1 else ()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["trial", "state", *plan.space, "value", *(f"value_s{seed}" for seed in seeds), "why"]
    )
    for trial in results.trials:
        values = by_seed(plan, trial)
        numbers = [trial.value, *(values.get(seed) for seed in seeds)]
        keys = [as_text(trial.keys[key]) for key in plan.space]
        cells = ["" if value is None else repr(value) for value in numbers]
        writer.writerow(
            printable(cell) for cell in (trial.number, trial.state, *keys, *cells, trial.why)
        )
    return text.getvalue()


def by_seed(plan: Plan, trial: Trial) -> dict[int, float]:
    """Return the values of a trial by seed; none if a run that diverged or failed is among them.

    Then `trial.values` does not tell which of its seeds are missing.
    """
    if trial.state in BAD and len(trial.values) < plan.seeds:
        return {}
    return dict(zip(plan.paired, trial.values, strict=False))


def best_table(results: Results) -> Table:
    """Return the table of the best trials, the best first."""
    plan, ranked = results.plan, results.ranked
    shown = differing([trial.keys for trial in ranked]) or list(plan.space)
    several = plan.seeds > 1
    header = ("trial", *shown, plan.metric, *[INTERVAL] * several)
    rows = [
        (
            f"{trial.number}", *(key_text(plan.space[key], trial.keys[key]) for key in shown),
            number(plan, trial.value or 0.0),
            *[interval(plan, estimate(trial.values))] * several,
        )
        for trial in ranked[:TOP]
    ]  # fmt: skip
    caption = (
        f"{plan.metric} is the mean over {plan.seeds} seeds. The interval is Student's, and is "
        "that of one trial: the best of many lies too low or too high by luck, too."
    ) * several
    return Table("The best trials", header, rows, caption, _right(plan, shown))


def all_table(results: Results) -> Table:
    """Return the table of all trials, by number; of many the first."""
    plan = results.plan
    keys = list(plan.space)
    header = ("trial", "state", *keys, plan.metric, "why")
    rows = [
        (
            f"{trial.number}", trial.state,
            *(key_text(plan.space[key], trial.keys[key]) for key in keys),
            "" if trial.value is None else number(plan, trial.value), trial.why,
        )
        for trial in results.trials[:MOST_ROWS]
    ]  # fmt: skip
    more = len(results.trials) - MOST_ROWS
    left_out = f"The first {MOST_ROWS}; trials.csv holds the other {more:,}, too." * (more > 0)
    return Table("All trials", header, rows, left_out, _right(plan, keys))


def differing(settings: Sequence[Keys]) -> list[str]:
    """Return the keys that have not the same value in all settings."""
    if not settings:
        return []
    first, *others = settings
    return [key for key in first if any(other[key] != first[key] for other in others)]


def _right(plan: Plan, keys: Sequence[str]) -> set[str]:
    """Return the columns of numbers: the metric, its interval, and keys that are numbers."""
    numbers = {
        key
        for key in keys
        for axis in [plan.space[key]]
        if not isinstance(axis, Choices) or all(_is_number(value) for value in axis.values)
    }
    return {*numbers, plan.metric, INTERVAL}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
