from typing import Any

import pytest

from nnlab.errors import UsageError
from nnlab.study.measures import final
from nnlab.study.plan import Settings, planned, resolved
from nnlab.study.results import Results, Row
from nnlab.study.study import Part

NOTHING = Results([])


def part(**keys: Any) -> Part:
    keys = {"name": "p", "experiment": "cubic", "arms": {"a": {}, "b": {"lr": 0.1}}} | keys
    return Part(measures=(final("rmse"),), **keys)


def test_an_arm_has_a_run_for_each_seed() -> None:
    runs = planned(part(), Settings(seeds=4), NOTHING)
    assert [run.name for run in runs] == [f"p_{arm}_s{n}" for arm in "ab" for n in range(4)]
    config = resolved(part(), runs[-1]).config
    assert (config.lr, config.seed) == (0.1, 3)


def test_a_part_that_tunes_has_seeds_of_its_own() -> None:
    runs = planned(part(seeds=2, first_seed=100), Settings(seeds=8), NOTHING)
    assert {run.seed for run in runs} == {100, 101}


def test_quick_keys_replace_those_of_base_and_arms() -> None:
    tuned = part(base={"samples": 500, "lr": 0.3}, quick={"samples": 20, "lr": 0.5})
    keys = [run.keys for run in planned(tuned, Settings(seeds=3, quick=True), NOTHING)]
    assert {(each["samples"], each["lr"]) for each in keys} == {(20, 0.5)}


def test_arms_can_follow_from_the_parts_before() -> None:
    results = Results([Row("before", "x", 0, "best_lr", "", 0.25)])

    def arms(so_far: Results) -> dict[str, Any]:
        return {"tuned": {"lr": so_far.by_seed("before", "x", "best_lr")[0]}}

    runs = planned(part(arms=arms), Settings(seeds=3), results)
    assert {run.keys["lr"] for run in runs} == {0.25}


def test_the_engine_of_the_study_is_used_where_a_part_names_none() -> None:
    fast = Settings(seeds=3, engine="numba")
    assert planned(part(), fast, NOTHING)[0].keys["engine"] == "numba"
    plain = part(base={"engine": "numpy"})
    assert planned(plain, fast, NOTHING)[0].keys["engine"] == "numpy"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"experiment": "cubik"}, "no experiment 'cubik'"),
        ({"arms": {"a": {"lrr": 1}}}, "part p, arm a: .*\n.*lrr"),
        ({"arms": {"a": {"lr": -1}}}, "part p, arm a: .*\n.*lr"),
        ({"arms": lambda _: {"No Name": {}}}, "part p: its arms"),
        ({"arms": lambda _: {"a": 1 / 0}}, "part p: its `arms` failed: ZeroDivisionError"),
    ],
)
def test_faults_name_part_and_arm(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        planned(part(**keys), Settings(seeds=3), NOTHING)
