"""Proposals come in cohorts, and are the same whatever happened in between."""

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

from nnlab.errors import UsageError
from nnlab.sweep.plan import GENERATION, Axis, Choices, Keys, Plan, Range
from nnlab.sweep.proposals import Proposals
from nnlab.sweep.trial import State, Trial

SPACE: dict[str, Axis] = {
    "lr": Range(low=0.001, high=1, log=True),
    "width": Range(low=1, high=64, whole=True),
    "filters": Choices(values=[[8], [8, 16], {"a": None}]),
    "act": Choices(values=["relu", "tanh", None, True]),
}
STATES: tuple[State, ...] = ("complete", "pruned", "dropped", "diverged", "failed", "unfinished")


def plan(search: str, trials: int, **changes: Any) -> Plan:
    asked: dict[str, Any] = {"experiment": "cubic", "base": {}, "space": SPACE, "search": search}
    asked |= {"seed": 3, "trials": trials, "metric": "rmse", "direction": "minimize"}
    return Plan(**(asked | changes))


def result(number: int, keys: Keys) -> Trial:
    """The trial of a setting, in a state that depends on its number."""
    state = STATES[number % len(STATES)] if number % 2 else "complete"
    rungs = {2: keys["lr"], 5: keys["lr"] / 2} if state == "pruned" else {}
    value = None if state in {"failed", "unfinished", "diverged"} else keys["lr"] * keys["width"]
    return Trial(number, keys, state, value, rungs=rungs)


def ran(
    asked: Plan, end: Callable[[int, Keys], Trial] = result, done: list[Trial] | None = None
) -> list[Trial]:
    """Run a sweep from the trials `done` to its end."""
    proposals, trials = Proposals(asked), list(done or [])
    while cohort := proposals.cohort(len(trials), trials):
        first = len(trials)
        trials += [end(first + place, keys) for place, keys in enumerate(cohort)]
    return trials


def test_a_grid_is_one_cohort() -> None:
    space = {"a": Choices(values=[1, 2]), "b": Choices(values=[3, 4])}
    asked = plan("grid", 4, space=space)
    assert Proposals(asked).cohort(0, []) == [
        {"a": a, "b": b} for a, b in ((1, 3), (1, 4), (2, 3), (2, 4))
    ]
    assert Proposals(asked).cohort(4, []) == []


def test_random_search_is_one_cohort_and_more_trials_leave_the_first_ones() -> None:
    few, many = (Proposals(plan("random", trials)).cohort(0, []) for trials in (5, 30))
    assert (len(few), len(many)) == (5, 30)
    assert many[:5] == few
    assert Proposals(plan("random", 30)).cohort(30, []) == []


def test_tpe_proposes_a_generation_at_a_time() -> None:
    proposals = Proposals(plan("tpe", GENERATION + 1))
    first = proposals.cohort(0, [])
    assert len(first) == GENERATION
    trials = [result(number, keys) for number, keys in enumerate(first)]
    last = proposals.cohort(GENERATION, trials)
    assert len(last) == 1
    trials.append(result(GENERATION, last[0]))
    assert proposals.cohort(GENERATION + 1, trials) == []


def test_tpe_proposes_the_same_after_a_rebuild_at_any_generation() -> None:
    whole = ran(plan("tpe", 50))
    for done in range(0, 50, 3 * GENERATION):
        assert ran(plan("tpe", 50), done=whole[:done]) == whole


def test_more_trials_of_tpe_leave_the_first_ones() -> None:
    assert ran(plan("tpe", 38))[:30] == ran(plan("tpe", 30))


def test_values_of_tpe_are_as_the_space_has_them() -> None:
    for trial in ran(plan("tpe", 40)):
        keys = trial.keys
        assert list(keys) == list(SPACE)
        assert type(keys["lr"]) is float
        assert 0.001 <= keys["lr"] <= 1
        assert type(keys["width"]) is int
        assert keys["filters"] in ([8], [8, 16], {"a": None})
        assert keys["act"] in ("relu", "tanh", None, True)


def test_a_generation_of_tpe_depends_on_the_seed_and_on_its_number() -> None:
    told = [result(n, keys) for n, keys in enumerate(Proposals(plan("tpe", 9)).cohort(0, []))]
    second = Proposals(plan("tpe", 9)).cohort(4, told)
    assert second != [trial.keys for trial in told]
    assert second != Proposals(plan("tpe", 9, seed=4)).cohort(4, told)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_tpe_keeps_away_from_where_trials_diverge(direction: str) -> None:
    def end(number: int, keys: Keys) -> Trial:
        if keys["lr"] > 0.03:
            return Trial(number, keys, "diverged")
        far = abs(math.log(keys["lr"] / 0.005))
        return Trial(number, keys, "complete", far if direction == "minimize" else -far)

    trials = ran(plan("tpe", 80, direction=direction), end)
    diverged = [trial.state == "diverged" for trial in trials]
    assert sum(diverged[:12]) >= 4  # half of the space, on the logarithmic axis
    assert sum(diverged[40:]) <= 2


def test_a_sweep_whose_trials_all_fail_goes_on() -> None:
    trials = ran(plan("tpe", 30), lambda number, keys: Trial(number, keys, "failed"))
    assert len({str(trial.keys) for trial in trials}) == 30


def test_tpe_beats_random_search_on_a_parabola() -> None:
    space = {key: Range(low=-5, high=5) for key in "xyz"}

    def end(number: int, keys: Keys) -> Trial:
        return Trial(number, keys, "complete", sum((v - 1) ** 2 for v in keys.values()))

    def best(search: str, seed: int) -> float:
        trials = ran(plan(search, 60, space=space, seed=seed), end)
        return min(trial.value for trial in trials if trial.value is not None)

    wins = [best("tpe", seed) < best("random", seed) for seed in range(5)]
    assert sum(wins) >= 4


def test_a_missing_optuna_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nnlab.sweep.tpe", raising=False)
    monkeypatch.setitem(sys.modules, "optuna.samplers", None)
    with pytest.raises(UsageError, match=r"nnlab-bench\[sweep\]"):
        Proposals(plan("tpe", 4))
    assert Proposals(plan("random", 4)).cohort(0, [])


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_no_setting_of_a_finite_space_is_tried_twice(search: str) -> None:
    space = {"lr": Choices(values=[1, 2]), "width": Range(low=1, high=6, whole=True)}
    whole = ran(plan(search, 12, space=space))
    assert len({str(trial.keys) for trial in whole}) == 12
    if search == "tpe":
        for done in (4, 8):
            assert ran(plan(search, 12, space=space), done=whole[:done]) == whole
    assert ran(plan(search, 6, space=space)) == whole[:6]
