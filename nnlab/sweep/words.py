"""What a sweep found, in words and numbers for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from nnlab.experiments import EXPERIMENTS
from nnlab.metric import Metric, formatted
from nnlab.reports.settings import as_text
from nnlab.reports.statistics import Estimate, estimate
from nnlab.sweep.plan import Axis, Choices, Plan
from nnlab.sweep.trial import ENDED, Results, State, Trial
from nnlab.text import listed

BAD: tuple[State, ...] = ("diverged", "failed")


def metrics_of(plan: Plan) -> Sequence[Metric]:
    """Return the metrics of the experiment that a sweep runs."""
    return EXPERIMENTS[plan.experiment].metrics


def number(plan: Plan, value: float) -> str:
    """Return a value of the sweep's metric as people read it."""
    return formatted(metrics_of(plan), plan.metric, value)


def interval(plan: Plan, of: Estimate) -> str:
    """Return a 95% interval: "0.0289 to 0.0313"; "-" if it is not known."""
    if of.half is None:
        return "-"
    low = max(0.0, of.mean - of.half)  # no metric is below 0
    return f"{number(plan, low)} to {number(plan, of.mean + of.half)}"


def key_text(axis: Axis, value: object) -> str:
    """Return the value of a key: as the user typed it, or a drawn number with four digits."""
    drawn = isinstance(value, float) and not isinstance(axis, Choices)
    return f"{value:.4g}" if drawn else as_text(value)


def axis_text(axis: Axis) -> str:
    """Return the values that a key can have: "32, 64" or "0.001 to 0.1, logarithmic"."""
    if isinstance(axis, Choices):
        return ", ".join(map(as_text, axis.values))
    ends = f"{axis.low:g} to {axis.high:g}"
    return ends + ", whole numbers" * axis.whole + ", logarithmic" * axis.log


def counts(results: Results) -> dict[str, int]:
    """Return how many trials are in each state, without the states of none."""
    states = [trial.state for trial in results.trials]
    ordered: Sequence[State] = ("complete", *(s for s in get_args(State) if s != "complete"))
    return {state: states.count(state) for state in ordered if state in states}


def counted(results: Results) -> str:
    """Return one line: "40 trials: 36 complete, 2 pruned, 1 diverged, 1 failed".

    Where not all were proposed yet, it begins with "12 of 40 trials".
    """
    asked, total = results.plan.trials, len(results.trials)
    parts = ", ".join(f"{count:,} {state}" for state, count in counts(results).items())
    of = f"{total:,} of {asked:,}" if total < asked else f"{total:,}"
    return f"{of} trial{'s' * (max(total, asked) != 1)}" + f": {parts}" * bool(parts)


def unfinished(results: Results) -> bool:
    """Return whether `nnlab sweep resume` has something to do, beside what failed."""
    plan, best = results.plan, results.best
    left = len(results.trials) < plan.trials or any(t.state not in ENDED for t in results.trials)
    return left or (best is not None and len(best.fresh) + len(best.fresh_lost) < plan.reruns)


def honest(results: Results) -> str:
    """Return the best value, its rerun on fresh seeds, and how much too good the best value was."""
    plan, best, optimism = results.plan, results.best, results.optimism
    if best is None or best.value is None:
        return "no trial is complete, so there is no best one"
    of_seeds = f", mean of {plan.seeds} seeds" * (plan.seeds > 1)
    n = sum(trial.value is not None for trial in results.trials)  # what was chosen from
    told = (
        f"best of {n:,}: {plan.metric} {number(plan, best.value)} (trial {best.number}{of_seeds})"
    )
    if optimism is None:
        lost = f"; again on {seeds_text(results, best)}: no value"
        return told + lost * bool(best.fresh_lost)
    again = estimate(best.fresh)
    known = f", 95% interval {interval(plan, again)}" * (again.half is not None)
    of_these = " of these" * (again.n < plan.reruns)
    return (
        f"{told}; again on {seeds_text(results, best)}: mean{of_these} {number(plan, again.mean)}"
        f"{known}; optimism {number(plan, optimism)}"
    )


def seeds_text(results: Results, best: Trial) -> str:
    """Return on how many fresh seeds the best setting was run again: "5 fresh seeds"."""
    asked, n = results.plan.reruns, len(best.fresh)
    of = f"{n} of {asked}" if n < asked else f"{n}"
    return f"{of} fresh seed{'s' * (max(n, asked) > 1)}"


def reasons(results: Results) -> list[str]:
    """Return why trials diverged or failed, and runs of the best on fresh seeds: each reason once.

    Behind each are its trials, or its seeds.
    """
    found: dict[tuple[str, str, str], list[int]] = {}
    for trial in results.trials:
        if trial.state in BAD:
            found.setdefault((trial.state, trial.why, "trial"), []).append(trial.number)
    for seed, why in lost_reruns(results).items():
        found.setdefault(("no value", why, "fresh seed"), []).append(seed)
    return [
        f"{state}: {why or 'no reason is known'} ({numbered(what, numbers)})"
        for (state, why, what), numbers in found.items()
    ]


def lost_reruns(results: Results) -> Mapping[int, str]:
    """Return the fresh seeds on which the run of the best diverged or failed -> the reason."""
    return results.best.fresh_lost if results.best else {}


def numbered(what: str, numbers: Iterable[int]) -> str:
    """Return "trials 3, 5": the first ten numbers, and how many there are more."""
    names = [str(number) for number in numbers]
    return f"{what}{'s' * (len(names) > 1)} {listed(names)}"
