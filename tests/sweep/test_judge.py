"""How trials are judged: by made-up readings, in any order of arrival."""

import math
import random
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab.sweep.judge import Cohort, Due, judged, rerun, rungs
from nnlab.sweep.plan import Choices, Plan
from nnlab.sweep.trial import Reading, Trial

Run = Callable[[Due], Reading]


def plan(trials: int, **facts: object) -> Plan:
    about = {
        "experiment": "cubic", "base": {}, "search": "grid", "trials": trials, "seed": 0,
        "space": {"lr": Choices(values=[float(n) for n in range(trials)])}, "metric": "rmse",
        "direction": "minimize",
    }  # fmt: skip
    return Plan.model_validate(about | facts)


def cohort(of: Plan, length: int = 9, earlier: tuple[Trial, ...] = ()) -> Cohort:
    settings = [{"lr": float(n)} for n in range(len(earlier), of.trials)]
    return Cohort(len(earlier), settings, [length] * len(settings), earlier)


def curve(due: Due, length: int = 9) -> Reading:
    """A run that gets better evenly; the trial of the larger number is worse."""
    points = tuple(due.number + 10 / at + due.seed / 1000 for at in range(1, length + 1))
    if due.until is not None and due.until < length:
        return Reading("interrupted", None, points[: due.until], seconds=1)
    return Reading("completed", points[-1], points, seconds=2)


def to_the_end(
    of: Plan, begun: Cohort, run: Run, luck: random.Random | None = None
) -> tuple[list[Trial], list[Due]]:
    """Judge until nothing is due; runs end one at a time, in random order if there is `luck`."""
    readings: dict[tuple[int, int], Reading] = {}
    done: list[Due] = []
    while due := judged(of, begun, readings)[1]:
        each = luck.choice(due) if luck else due[0]
        readings[each.number, each.seed] = run(each)
        done.append(each)
    return judged(of, begun, readings)[0], done


def test_the_rungs_are_a_ninth_and_a_third_of_a_run() -> None:
    assert rungs(100) == (12, 34)
    assert rungs(9) == (1, 3)
    assert rungs(1) == (1, 1)


def test_each_trial_runs_on_each_seed_to_its_end() -> None:
    of = plan(2, seeds=2, first_seed=5)
    trials, done = to_the_end(of, cohort(of), curve)
    assert done == [Due(0, 5), Due(1, 5), Due(0, 6), Due(1, 6)]
    assert [trial.state for trial in trials] == ["complete"] * 2
    assert trials[1].values == (1 + 10 / 9 + 0.005, 1 + 10 / 9 + 0.006)
    assert trials[1].value == fmean(trials[1].values)
    assert trials[1].seconds == 4


def test_a_trial_with_a_lost_run_says_which_and_why() -> None:
    of = plan(3, seeds=2)

    def run(due: Due) -> Reading:
        if due == Due(1, 1):
            return Reading("diverged", why="not finite at step 7")
        return Reading("failed", why="no disk") if due == Due(2, 0) else curve(due)

    trials, done = to_the_end(of, cohort(of), run)
    assert [trial.state for trial in trials] == ["complete", "diverged", "failed"]
    assert [trial.why for trial in trials] == [
        "",
        "seed 1: not finite at step 7",
        "seed 0: no disk",
    ]
    assert trials[1].value is None
    assert trials[1].values == ()
    assert len(done) == 6  # every run, whichever was lost first


def test_successive_halving_trains_the_best_third_on() -> None:
    of = plan(9, prune=True)
    trials, done = to_the_end(of, cohort(of), curve)
    assert [trial.state for trial in trials] == ["complete", *["pruned"] * 8]
    assert done == [
        *(Due(number, 0, 1) for number in range(9)), *(Due(number, 0, 3) for number in range(3)),
        Due(0, 0),
    ]  # fmt: skip
    assert [list(trial.rungs) for trial in trials] == [[1, 3]] * 3 + [[1]] * 6
    assert trials[2].value == 2 + 10 / 3
    assert trials[2].why == "place 3 of 3 at log point 3"
    assert trials[8].why == "place 9 of 9 at log point 1"


def test_of_equal_trials_the_first_go_on() -> None:
    of = plan(4, prune=True)
    trials, _ = to_the_end(of, cohort(of), lambda due: curve(due._replace(number=0)))
    assert [trial.state for trial in trials] == ["complete", "pruned", "pruned", "pruned"]


def test_a_generation_is_compared_with_the_trials_before_it() -> None:
    of = plan(8, prune=True)
    before, _ = to_the_end(plan(4, prune=True), cohort(plan(4, prune=True)), curve)
    assert [trial.state for trial in before] == ["complete", "pruned", "pruned", "pruned"]
    trials, done = to_the_end(of, cohort(of, earlier=tuple(before)), curve)
    assert [trial.state for trial in trials] == ["pruned"] * 4  # the best 3 of 8 are earlier ones
    assert len(done) == 4


def test_runs_too_short_for_a_rung_are_not_halved_twice_at_it() -> None:
    of = plan(9, prune=True)
    trials, done = to_the_end(of, cohort(of, length=2), lambda due: curve(due, length=2))
    assert sum(trial.state == "complete" for trial in trials) == 3
    assert done[9:] == [Due(0, 0), Due(1, 0), Due(2, 0)]


def test_a_run_that_diverged_behind_a_rung_still_counts_there() -> None:
    """So the same trials are pruned when the sweep is judged again later."""
    of = plan(3, prune=True)

    def run(due: Due) -> Reading:
        paused = curve(due)
        if due.until == 3 and due.number == 0:
            return Reading("diverged", None, paused.points[:2], "not finite")
        return paused

    trials, _ = to_the_end(of, cohort(of), run)
    assert [trial.state for trial in trials] == ["diverged", "pruned", "pruned"]


def race(due: Due) -> Reading:
    """Trial 0 leads, trial 1 is close to it with much luck, trial 2 is surely worse."""
    luck = (0.0, 0.3, -0.2, 0.1, 0.05)[due.seed]
    value = 1 + 0.01 * due.seed + {0: 0.0, 1: luck, 2: 0.5 + luck / 100}[due.number]
    return Reading("completed", value)


def test_the_race_drops_what_is_worse_beyond_chance_after_three_seeds() -> None:
    of = plan(3, seeds=5, race=True)
    trials, done = to_the_end(of, cohort(of), race)
    assert [trial.state for trial in trials] == ["complete", "complete", "dropped"]
    assert trials[2].why == "worse than trial 0 on 3 seeds"
    assert len(trials[2].values) == 3
    assert len([due for due in done if due.number == 2]) == 3


def test_the_race_of_a_metric_to_be_large() -> None:
    of = plan(3, seeds=5, race=True, direction="maximize")
    trials, _ = to_the_end(of, cohort(of), race)
    assert [trial.state for trial in trials] == ["dropped", "dropped", "complete"]


@pytest.mark.parametrize("facts", [{}, {"prune": True}, {"race": True, "seeds": 5}])
@settings(deadline=None)
@given(seed=st.integers(0, 1000), data=st.data())
def test_the_order_in_which_runs_end_changes_nothing(
    facts: dict[str, object], seed: int, data: st.DataObject
) -> None:
    of = plan(6, **facts)
    values = random.Random(seed)  # noqa: S311 - luck
    table = [[values.choice([1.0, 2.0, values.random()]) for _ in range(9)] for _ in range(30)]
    lost = data.draw(st.sets(st.integers(0, 29), max_size=4))

    def run(due: Due) -> Reading:
        place = due.number * 5 + due.seed % 5
        reading = curve(due)
        points = tuple(table[place][: len(reading.points)])
        if place in lost and due.until is None:
            return Reading("diverged", None, points[:4], "not finite")
        value = points[-1] if reading.value is not None else None
        return reading._replace(points=points, value=value)

    straight, _ = to_the_end(of, cohort(of), run)
    shuffled, _ = to_the_end(of, cohort(of), run, random.Random(seed))  # noqa: S311 - luck
    assert shuffled == straight
    assert not any(trial.state in {"waiting", "unfinished"} for trial in straight)


def test_the_best_runs_again_on_fresh_seeds() -> None:
    of = plan(2, seeds=2, reruns=3)
    best, due = rerun(of, Trial(1, {"lr": 1.0}, "complete", 0.5), {})
    assert due == [Due(1, 2), Due(1, 3), Due(1, 4)]
    assert best.fresh == ()
    readings = {
        (1, 2): Reading("completed", 0.6), (1, 3): Reading("diverged"),
        (1, 4): Reading("completed", 0.8),
    }  # fmt: skip
    best, due = rerun(of, best, readings)
    assert (best.fresh, due) == ((0.6, 0.8), [])
    assert math.isclose(fmean(best.fresh), 0.7)
