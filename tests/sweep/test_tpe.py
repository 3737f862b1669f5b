"""TPE knows a bounded number of trials: the best and the last ones."""

import pytest

from nnlab.sweep import tpe
from nnlab.sweep.plan import GENERATION, Direction, Keys, Range
from nnlab.sweep.trial import Trial

SPACE = {"x": Range(low=-1, high=1), "y": Range(low=-1, high=1)}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let TPE forget soon."""
    for name, value in (("GOOD", 3), ("RECENT", 12), ("MOST", 20)):
        monkeypatch.setattr(tpe, name, value)


def result(number: int, keys: Keys) -> Trial:
    if number % 5 == 2:
        return Trial(number, keys, "failed")
    if number % 5 == 3:
        return Trial(number, keys, "pruned", 5.0, rungs={2: 5.0})
    return Trial(number, keys, "complete", (keys["x"] - 0.5) ** 2 + keys["y"] ** 2)


def ran(count: int) -> list[Trial]:
    search, trials = tpe.Tpe(SPACE, 0, "minimize"), list[Trial]()
    while len(trials) < count:
        first = len(trials)
        for place, keys in enumerate(search.ask(first // GENERATION)):
            trials.append(result(first + place, keys))
            search.tell(trials[-1])
    return trials


@pytest.mark.usefixtures("small")
def test_what_is_forgotten_does_not_depend_on_when_trials_are_told() -> None:
    trials = ran(100)
    for first in range(0, 100, 3 * GENERATION):
        rebuilt = tpe.Tpe(SPACE, 0, "minimize")
        for trial in trials[:first]:
            rebuilt.tell(trial)
        told = [trial.keys for trial in trials[first : first + GENERATION]]
        assert rebuilt.ask(first // GENERATION) == told


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_best_trials_are_never_forgotten(direction: Direction) -> None:
    search = tpe.Tpe(SPACE, 0, direction)
    sign = 1 if direction == "minimize" else -1
    best = {4: -3.0, 17: -2.0, 30: -1.0}  # number -> value, if small values are better
    for number in range(200):
        value = sign * best.get(number, float(number % 7))
        search.tell(Trial(number, {"x": 0.0, "y": 0.0}, "complete", value))
    known = [trial.number for trial in search._known]
    assert known[:3] == list(best)
    assert known[3:] == list(range(200 - len(known) + 3, 200))
    assert 12 <= len(known) <= 20


def test_forgetting_begins_where_optuna_counts_no_more_trials_as_good() -> None:
    from optuna.samplers._tpe.sampler import default_gamma

    assert default_gamma(tpe.GOOD + tpe.RECENT) == default_gamma(10**6) == tpe.GOOD
