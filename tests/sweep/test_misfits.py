"""Which settings are checked before a sweep starts."""

from typing import Any

import pytest

from nnlab.sweep import random
from nnlab.sweep.misfits import MOST_CHECKED, misfits, probes
from nnlab.sweep.plan import Choices, Plan, Range

SPACE = {"lr": Range(low=0.1, high=1), "hidden": Range(low=2, high=9, whole=True)}
LISTS = {"hidden": Choices(values=list(range(200))), "epochs": Choices(values=list(range(200)))}


def plan(space: Any, **options: Any) -> Plan:
    about = {
        "experiment": "cubic", "base": {}, "space": space, "seed": 5, "metric": "rmse",
        "direction": "minimize",
    }  # fmt: skip
    return Plan(**about | options)


def test_all_trials_of_a_grid_are_checked() -> None:
    space = {"lr": Choices(values=[1, 2]), "epochs": Choices(values=[3, 4])}
    assert list(probes(plan(space, search="grid", trials=4))) == [
        ("trial 0", {"lr": 1, "epochs": 3}),
        ("trial 1", {"lr": 1, "epochs": 4}),
        ("trial 2", {"lr": 2, "epochs": 3}),
        ("trial 3", {"lr": 2, "epochs": 4}),
    ]


def test_all_trials_of_a_random_search_are_checked() -> None:
    assert list(probes(plan(SPACE, search="random", trials=3))) == [
        (f"trial {number}", random.setting(SPACE, 5, number)) for number in range(3)
    ]


def test_of_tpe_each_end_and_value_is_checked_once() -> None:
    found = [setting for _, setting in probes(plan(SPACE, search="tpe", trials=3))]
    assert repr(found) == repr([
        {"lr": 0.1, "hidden": 2}, {"lr": 1.0, "hidden": 2}, {"lr": 0.1, "hidden": 9},
        {"lr": 1.0, "hidden": 9},
    ])  # fmt: skip


def test_two_keys_that_do_not_go_together_are_found_before_tpe_begins() -> None:
    space = {
        "weight_decay": Choices(values=[0, 0.1]), "optimizer": Choices(values=["sgd", "adam"]),
    }  # fmt: skip
    of = plan(space, experiment="fashion", search="tpe", trials=8, metric="val_loss")
    (line,) = misfits(of, dict.fromkeys(space, "command line"))
    assert "optimizer" in line
    assert "adam" in line


@pytest.mark.parametrize("search", ["grid", "random"])
def test_of_very_many_trials_some_are_checked_with_all_values(search: str) -> None:
    found = list(probes(plan(LISTS, search=search, trials=40_000)))
    assert 0.9 * MOST_CHECKED < len(found) <= MOST_CHECKED
    for key in LISTS:
        assert {setting[key] for _, setting in found} == set(range(200))


def test_of_very_many_values_some_are_checked() -> None:
    space = {"hidden": Choices(values=list(range(2 * MOST_CHECKED)))}
    assert len(list(probes(plan(space, search="tpe", trials=3)))) == MOST_CHECKED
