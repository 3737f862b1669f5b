"""A trial: one setting of a sweep, and what its runs say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from nnlab.sweep.plan import Keys, Plan

State = Literal["waiting", "unfinished", "complete", "pruned", "dropped", "diverged", "failed"]
ENDED: tuple[State, ...] = ("complete", "pruned", "dropped", "diverged", "failed")


class Reading(NamedTuple):
    """What a sweep reads from one run directory.

    Attributes:
        status: as `SavedRun.status`; "failed" also for a run that failed before it began.
        value: the metric at the end; None unless the run is completed.
        points: the metric at each log point; empty if it is not logged.
        why: why the run diverged or failed.
        seconds: seconds of training; they differ between two runs that are equal.
    """

    status: str
    value: float | None = None
    points: tuple[float, ...] = ()
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One setting, and what its runs say of it.

    Attributes:
        number: its number, from 0.
        keys: the key of each axis -> its value in this setting.
        state: how it stands: waiting (not begun), unfinished, complete, pruned (by successive
            halving), dropped (by the race), diverged or failed.
        value: the mean of `values`; of a pruned trial, the mean at its last rung; None if there is
            none.
        values: the metric of its finished runs, seed by seed.
        rungs: rung (the number of a log point) -> mean of the metric there.
        why: why it was pruned or dropped, diverged or failed.
        seconds: seconds of training of all its runs.
        fresh: the metric on the fresh seeds, for the best trial.
        fresh_lost: fresh seed -> why its run diverged or failed, for the best trial.
        means: the mean at each rung, the first rung first; two of a short run may be at the same
            log point.
    """

    number: int
    keys: Keys
    state: State = "waiting"
    value: float | None = None
    values: tuple[float, ...] = ()
    rungs: Mapping[int, float] = field(default_factory=dict)
    why: str = ""
    seconds: float = 0.0
    fresh: tuple[float, ...] = ()
    fresh_lost: Mapping[int, str] = field(default_factory=dict)
    means: tuple[float, ...] = ()


@dataclass(frozen=True)
class Results:
    """The trials of a sweep so far, by number.

    Attributes:
        plan: what was asked.
        trials: all trials that were proposed.
    """

    plan: Plan
    trials: Sequence[Trial]

    @property
    def best(self) -> Trial | None:
        """The complete trial with the best value; of equal ones the first; None without any."""
        found: Trial | None = None
        for trial in self.trials:
            if trial.state != "complete" or trial.value is None:
                continue
            if found is None or found.value is None or self.plan.better(trial.value, found.value):
                found = trial
        return found

    @property
    def ranked(self) -> list[Trial]:
        """The complete trials, the best first; equal ones by number."""
        sign = 1 if self.plan.direction == "minimize" else -1
        done = [
            (sign * t.value, t.number, t)
            for t in self.trials
            if t.state == "complete" and t.value is not None
        ]
        return [trial for _, _, trial in sorted(done, key=lambda each: each[:2])]

    @property
    def optimism(self) -> float | None:
        """How much better the best value is than the mean of its rerun on fresh seeds.

        Positive if the rerun is worse, which is what choosing the best of many leads to; None
        before the rerun.
        """
        best = self.best
        if best is None or best.value is None or not best.fresh:
            return None
        again = sum(best.fresh) / len(best.fresh)
        return again - best.value if self.plan.direction == "minimize" else best.value - again
