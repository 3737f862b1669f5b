"""What a sweep says about luck, and about ranges that end too early."""

from typing import Any

import pytest

from nnlab.sweep.cautions import cautions
from nnlab.sweep.plan import Axis, Choices, Range
from nnlab.sweep.trial import Results, Trial
from tests.sweep.made import made_plan


def told(space: dict[str, Axis], *trials: Trial, **plan: Any) -> list[str]:
    return cautions(Results(made_plan(space=space, **plan), trials))


def trial(number: int, value: float, fresh: tuple[float, ...] = (), **keys: Any) -> Trial:
    return Trial(number, keys, "complete", value, (value,), fresh=fresh)


CHOICE: dict[str, Axis] = {"init": Choices(values=["gaussian", "recycled"])}


def test_a_best_that_is_no_better_than_the_second_led_by_luck() -> None:
    second = trial(1, 0.3, init="gaussian")
    (line,) = told(CHOICE, trial(0, 0.2, (0.3, 0.4), init="recycled"), second)
    assert line == (
        "trial 0 may have led by luck: on fresh seeds its mean, 0.35, is not better than trial 1, "
        "0.3; to choose more surely, use --seeds 3 or more"
    )
    (line,) = told(CHOICE, trial(0, 0.2, (0.3,), init="recycled"), second, seeds=4)
    assert line.endswith("use --seeds 8 or more")
    assert told(CHOICE, trial(0, 0.2, (0.2, 0.3), init="recycled"), second) == []
    assert told(CHOICE, trial(0, 0.2, (0.9,), init="recycled")) == []
    assert told(CHOICE, trial(0, 0.2, init="recycled"), second) == []
    assert told(CHOICE) == []


@pytest.mark.parametrize(
    ("axis", "value", "said"),
    [
        (Range(low=0.001, high=0.1, log=True), 0.00101, "low end of its range: search lower"),
        (Range(low=0.001, high=0.1, log=True), 0.099, "high end of its range: search higher"),
        (Range(low=0.001, high=0.1, log=True), 0.003, ""),
        (Range(low=0.001, high=0.1), 0.003, "low end of its range: search lower"),
        (Range(low=0.001, high=0.1), 0.01, ""),
    ],
)
def test_a_best_at_the_end_of_a_range_says_where_to_search(
    axis: Range, value: float, said: str
) -> None:
    assert told({"lr": axis}, trial(0, 0.2, lr=value)) == [f"lr is best at the {said}"] * bool(said)


def test_nothing_lies_beyond_the_end_that_a_key_can_have() -> None:
    space: dict[str, Axis] = {"hidden": Range(low=1, high=9, whole=True)}
    assert told(space, trial(0, 0.2, hidden=1)) == []
    assert told(space, trial(0, 0.2, hidden=9)) == [
        "hidden is best at the high end of its range: search higher"
    ]
