"""The tables of a sweep that people read: the best trials, all trials, what was asked."""

from collections.abc import Sequence

from nnlab.reports.parts import Table
from nnlab.reports.settings import as_text
from nnlab.reports.statistics import estimate
from nnlab.sweep.plan import Choices, Keys, Plan
from nnlab.sweep.trial import Results
from nnlab.sweep.words import axis_text, interval, key_text, number

TOP = 10  # rows of the table of the best
MOST_KEYS = 8  # columns; of more, only those that differ
MOST_ROWS = 200  # of the table of all trials
INTERVAL = "95% interval"


def best_table(results: Results) -> Table:
    """Return the table of the best trials, the best first."""
    plan, ranked = results.plan, results.ranked
    shown = list(plan.space)
    if len(shown) > MOST_KEYS:
        shown = differing([trial.keys for trial in ranked]) or shown
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


def plan_table(plan: Plan) -> Table:
    """Return the table of what was asked."""
    asked = {
        name: as_text(value)
        for name, value in plan.model_dump(mode="json", exclude={"base", "space"}).items()
    }
    searched = {f"searched: {key}": axis_text(axis) for key, axis in plan.space.items()}
    fixed = {f"fixed: {key}": as_text(value) for key, value in plan.base.items()}
    rows = list((searched | fixed | asked).items())
    return Table("The plan", ("what", "value"), rows)


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
