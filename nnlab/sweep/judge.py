"""Decide, from what the runs say, how each trial stands and what is to run next.

These functions look at the readings of the runs alone, never at a clock or at the order in which
runs end. So the same trials come out of any number of jobs, and after any kill.

A cohort is judged in stages. In each stage its living trials run up to the same point; only when
all of them are there, some are stopped:

- at a rung, successive halving keeps the best third (Jamieson and Talwalkar, "Non-stochastic best
  arm identification and hyperparameter optimization", AISTATS 2016);
- after a seed, the race drops what is worse than the leader beyond chance (Maron and Moore,
  "Hoeffding races", NIPS 1993, with Student's interval of the pairs in place of Hoeffding's).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

from nnlab.reports.statistics import difference
from nnlab.sweep.plan import Keys, Plan
from nnlab.sweep.trial import Reading, State, Trial

REDUCTION = 3  # one of so many goes on after a rung
RUNGS = 2  # the last rung is at a third of the training, the one before it at a ninth
LEAST_PAIRS = 3  # seeds before the race drops a trial
LOST: tuple[State, ...] = ("diverged", "failed")

Readings = Mapping[tuple[int, int], Reading]
"""(trial number, seed) -> what its run says; no entry for a run that was not begun."""


class Due(NamedTuple):
    """A run that is to be trained, or to go on.

    Attributes:
        number: of its trial.
        seed: of its config.
        until: the log point at which it pauses; None to train it to its end.
    """

    number: int
    seed: int
    until: int | None = None


@dataclass(frozen=True)
class Cohort:
    """Trials that are compared with each other while they run.

    Attributes:
        first: the number of its first trial.
        settings: the settings of its trials.
        lengths: for each, the number of log points of a whole run.
        earlier: the trials before it, that of number k at place k.
    """

    first: int
    settings: Sequence[Keys]
    lengths: Sequence[int]
    earlier: Sequence[Trial] = ()


def rungs(length: int) -> tuple[int, ...]:
    """Return the log points of the rungs of a run that has `length` of them: a ninth, a third."""
    return tuple(math.ceil(length / REDUCTION**power) for power in range(RUNGS, 0, -1))


def judged(plan: Plan, cohort: Cohort, readings: Readings) -> tuple[list[Trial], list[Due]]:
    """Return how the trials of a cohort stand, and the runs that are due.

    Without due runs the cohort is finished.
    """
    judge = _Judge(plan, cohort, readings)
    due = next((due for due in judge.stages() if due), [])
    return judge.trials(finished=not due), due


def rerun(plan: Plan, best: Trial, readings: Readings) -> tuple[Trial, list[Due]]:
    """Return the best trial with its values on the fresh seeds, and the runs that are due."""
    found = {seed: readings.get((best.number, seed)) for seed in plan.fresh}
    fresh = tuple(r.value for r in found.values() if r and r.value is not None)
    lost = {
        seed: reading.why for seed, reading in found.items() if reading and reading.status in LOST
    }
    due = [Due(best.number, seed) for seed, reading in found.items() if not is_there(reading)]
    return replace(best, fresh=fresh, fresh_lost=lost), due


def is_there(reading: Reading | None, until: int | None = None) -> bool:
    """Return whether a run has ended, or has paused at the log point `until` or behind it."""
    if reading is None:
        return False
    paused = until is not None and reading.status == "interrupted"
    return reading.status in {"completed", *LOST} or (
        paused and len(reading.points) >= (until or 0)
    )


class _Judge:
    """Judges one cohort, stage by stage."""

    def __init__(self, plan: Plan, cohort: Cohort, readings: Readings) -> None:
        self._plan, self._cohort, self._readings = plan, cohort, readings
        self._trials = {
            number: Trial(number, keys) for number, keys in enumerate(cohort.settings, cohort.first)
        }
        self._alive = list(self._trials)
        self._rungs = {
            number: rungs(length) for number, length in enumerate(cohort.lengths, cohort.first)
        }

    def stages(self) -> Iterator[list[Due]]:
        """Yield the runs that each stage still lacks; go on after a stage that lacks none."""
        for place in range(RUNGS) if self._plan.prune else ():
            untils = {number: self._rungs[number][place] for number in self._alive}
            if place and all(self._rungs[n][place - 1] == until for n, until in untils.items()):
                self._pass_again()  # short runs: the same log point
                continue
            yield self._lacking(self._plan.paired, untils)
            self._stop_lost(self._plan.paired, untils)
            self._halve(place)
        rounds = [self._plan.paired[: k + 1] for k in range(self._plan.seeds)]
        for seeds in rounds if self._plan.race else rounds[-1:]:
            yield self._lacking(seeds)
            self._stop_lost(seeds)
            if LEAST_PAIRS <= len(seeds) < self._plan.seeds:
                self._race(seeds)

    def trials(self, *, finished: bool) -> list[Trial]:
        """Return the trials; those that nothing stopped are complete if the cohort is finished."""
        for number in self._alive:
            runs = [self._readings.get((number, seed)) for seed in self._plan.paired]
            values = tuple(run.value for run in runs if run and run.value is not None)
            if finished or len(values) == len(runs):
                self._set(number, state="complete", values=values, value=fmean(values))
            elif not self._lost(number, self._plan.paired) and any(runs):
                self._set(number, state="unfinished")
        for number in self._trials:
            runs = [self._readings.get((number, seed)) for seed in self._plan.paired]
            self._set(number, seconds=sum(run.seconds for run in runs if run))
        return list(self._trials.values())

    def _lacking(self, seeds: Sequence[int], untils: Mapping[int, int] | None = None) -> list[Due]:
        """Return the living trials' runs that are not there yet, seed by seed."""
        asked = [
            Due(number, seed, untils[number] if untils else None)
            for seed in seeds
            for number in self._alive
        ]
        return [due for due in asked if not is_there(self._reading(due), due.until)]

    def _stop_lost(self, seeds: Sequence[int], untils: Mapping[int, int] | None = None) -> None:
        """Stop the trials that have a run which diverged or failed before this stage's end."""
        self._alive = [
            number
            for number in self._alive
            if not self._lost(number, seeds, untils[number] if untils else None)
        ]

    def _lost(self, number: int, seeds: Sequence[int], until: int | None = None) -> bool:
        """Return whether a run of the trial is lost, and note the first one."""
        for seed in seeds:
            reading = self._readings.get((number, seed))
            before = reading and (until is None or len(reading.points) < until)
            for state in LOST:
                if reading and before and reading.status == state:
                    on = f"seed {seed}: " * (self._plan.seeds > 1)
                    self._set(number, state=state, why=on + reading.why)
                    return True
        return False

    def _halve(self, place: int) -> None:
        """Stop the living trials that are not in the best third at a rung."""
        for number in self._alive:
            rung = self._rungs[number][place]
            mean = fmean(self._at(number, seed, rung) for seed in self._plan.paired)
            trial = self._trials[number]
            passed = {**trial.rungs, rung: mean}
            self._set(number, rungs=passed, means=(*trial.means, mean), value=mean)
        known = [
            (trial.means[place], trial.number)
            for trial in (*self._cohort.earlier, *(self._trials[n] for n in self._alive))
            if place < len(trial.means)
        ]
        sign = 1 if self._plan.direction == "minimize" else -1
        ranked = sorted(known, key=lambda each: (sign * each[0], each[1]))
        places = {number: at for at, (_, number) in enumerate(ranked, 1)}
        last = math.ceil(len(ranked) / REDUCTION)
        for number in (each for each in self._alive if places[each] > last):
            why = (
                f"place {places[number]} of {len(ranked)} at log point {self._rungs[number][place]}"
            )
            self._set(number, state="pruned", why=why)
        self._alive = [number for number in self._alive if places[number] <= last]

    def _pass_again(self) -> None:
        """Let the living trials pass a rung that is at the log point of the one before it."""
        for number in self._alive:
            means = self._trials[number].means
            self._set(number, means=(*means, means[-1]))

    def _race(self, seeds: Sequence[int]) -> None:
        """Stop the living trials that are worse than the leader beyond chance."""
        values = {
            number: {seed: self._value(number, seed) for seed in seeds} for number in self._alive
        }
        for trial in self._cohort.earlier:
            if trial.state == "complete":
                values[trial.number] = dict(zip(seeds, trial.values, strict=False))
        if not values:
            return
        sign = 1 if self._plan.direction == "minimize" else -1
        leader = min(values, key=lambda number: (sign * fmean(values[number].values()), number))
        for number in self._alive:
            worse = difference(values[leader], values[number])
            if worse.half is not None and sign * worse.amount > worse.half:
                why = f"worse than trial {leader} on {len(seeds)} seeds"
                own = tuple(values[number].values())
                self._set(number, state="dropped", values=own, value=fmean(own), why=why)
        self._alive = [n for n in self._alive if self._trials[n].state != "dropped"]

    def _at(self, number: int, seed: int, rung: int) -> float:
        """Return the metric of a run at a log point; the last one of a run that ended earlier."""
        points = self._readings[number, seed].points
        return points[min(rung, len(points)) - 1]

    def _value(self, number: int, seed: int) -> float:
        value = self._readings[number, seed].value
        assert value is not None  # noqa: S101 - lost runs are sorted out before
        return value

    def _reading(self, due: Due) -> Reading | None:
        return self._readings.get((due.number, due.seed))

    def _set(self, number: int, **facts: object) -> None:
        self._trials[number] = replace(self._trials[number], **facts)  # type: ignore[arg-type]
