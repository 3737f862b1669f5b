"""The axis that decides about the value has the largest share."""

import math
import sys

import pytest

from nnlab.sweep.importance import FEWEST, MOST, _sample, importances, lacking
from nnlab.sweep.plan import Axis, Choices, Plan, Range
from nnlab.sweep.random import setting
from nnlab.sweep.trial import Results, State, Trial

SPACE: dict[str, Axis] = {
    "nothing": Range(low=0, high=1),
    "width": Range(low=1, high=64, whole=True, log=True),
    "filters": Choices(values=[[8], [8, 16], [8, 16, 32]]),
    "one": Choices(values=["relu"]),
}


def swept(count: int, direction: str = "minimize", **changes: Axis) -> Results:
    """A random sweep: `width` decides, `filters` a little, `nothing` nothing."""
    space = SPACE | changes
    asked = {"experiment": "cubic", "base": {}, "space": space, "search": "random", "seed": 0}
    plan = Plan.model_validate(asked | {"trials": count, "metric": "rmse", "direction": direction})
    sign = 1 if direction == "minimize" else -1
    trials = []
    for number in range(count):
        keys = setting(space, 0, number)
        value = sign * (abs(math.log(keys["width"] / 20)) + 0.1 * len(keys["filters"]))
        trials.append(Trial(number, keys, "complete", value))
    return Results(plan, trials)


def test_of_many_trials_a_sample_counts() -> None:
    many = swept(MOST + 500)
    shares = importances(many)
    assert importances(many) == shares
    assert next(iter(shares)) == "width"
    assert shares != importances(swept(MOST))
    assert len(_sample(many.trials)) == MOST


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_axis_that_decides_has_the_largest_share(direction: str) -> None:
    shares = importances(swept(200, direction))
    assert list(shares) == ["width", "filters", "nothing"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["nothing"] < 0.1


def test_equal_trials_give_equal_shares() -> None:
    assert importances(swept(60)) == importances(swept(60))


def test_only_complete_trials_count() -> None:
    results = swept(60)
    keys = results.trials[0].keys
    states: tuple[State, ...] = ("pruned", "dropped", "diverged", "failed", "unfinished")
    others = [Trial(60 + place, keys, state, -1e9) for place, state in enumerate(states)]
    with_others = Results(results.plan, [*results.trials, *others])
    assert importances(with_others) == importances(results)


def test_too_little_says_nothing() -> None:
    assert importances(swept(FEWEST - 1)) == {}
    assert lacking(swept(FEWEST - 1)) == "it needs 20 complete trials; there are 19"
    assert lacking(swept(FEWEST)) == ""
    assert importances(swept(FEWEST)) != {}
    one = Choices(values=[0.5])
    assert importances(swept(60, nothing=one, width=Choices(values=[3]))) == {}


def test_equal_values_say_nothing() -> None:
    results = swept(40)
    equal = [Trial(each.number, each.keys, "complete", 1.0) for each in results.trials]
    assert importances(Results(results.plan, equal)) == {}
    assert lacking(Results(results.plan, equal)) == "all complete trials have the same value"


def test_without_optuna_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna.importance", None)
    assert importances(swept(60)) == {}
    assert lacking(swept(60)) == "it needs Optuna: pip install 'nnlab-bench[sweep]'"
