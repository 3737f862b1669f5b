"""An exercise can be computed by hand, its key is right, and no two students share one."""

from decimal import Decimal
from functools import cache
from typing import get_args

import numpy as np
import pytest

from nnlab.cubic.config import CubicConfig, GradientKind
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import shapes
from nnlab.cubic.worked.explain import explained
from nnlab.cubic.worked.formats import StepFormat, written
from nnlab.cubic.worked.page import Asked, Page
from tests.cubic.worked import reader
from tests.cubic.worked.test_complete import entries

KINDS = get_args(GradientKind)
CONFIG = CubicConfig(hidden=30, samples=100)
LRS = (0.01, 0.05, 0.1, 0.037, 0.0001, 5)

REDRAWN = {55, 212}  # the first draw has a result that rounding would spoil, or one below 0.001
QUICK = REDRAWN | {*range(10)}

students = pytest.mark.parametrize(
    "number",
    [
        pytest.param(n, marks=[pytest.mark.long] * (n not in QUICK))
        for n in sorted({*range(100)} | REDRAWN)
    ],
)


@cache
def page(number: int) -> Page:
    """Return the exercise of a student; kinds, learning rates and units differ."""
    of = CONFIG.model_copy(update={"gradient": KINDS[number % 4], "lr": LRS[number % 6]})
    return explained(of, "a run", Asked(number % 3, 1 + number % 4, f"student {number}"))


@students
def test_no_exercise_is_degenerate(number: int) -> None:
    key = written(page(number), "markdown")
    given, printed = reader.given(key), list(reader.lines(key))
    assert len(printed) > 20
    for name, value in [*given.items(), *((line.name, line.result) for line in printed)]:
        assert value is not None
        assert len(value.as_tuple().digits) <= 4, name
        assert Decimal("0.001") <= abs(value) < 1000, name
        if name[0] == "h":
            assert Decimal("0.05") <= value <= Decimal("0.95")
    for line in printed:
        if line.name.startswith("new_"):
            assert line.result != given[line.name.removeprefix("new_")]


@students
def test_the_key_is_right_to_four_digits(number: int) -> None:
    form: StepFormat = ("text", "markdown")[number % 2]
    key, blank = written(page(number), form), written(page(number), form, blank=True)
    values = reader.given(key)
    assert values == reader.given(blank)
    exact = dict(values)  # the same step without rounding
    for line, empty in zip(reader.lines(key), reader.lines(blank), strict=True):
        assert line.result == reader.rounded(reader.computed(empty.expression, values), 4)
        assert line.result == reader.rounded(reader.computed(line.expression), 4)
        exact[line.name] = reader.computed(empty.expression, exact)
        assert abs(line.result / exact[line.name] - 1) < Decimal("0.006")
        values[line.name] = line.result


@students
def test_the_new_weights_are_those_of_one_exact_step(number: int) -> None:
    key = written(page(number), "text")
    given, units = reader.given(key), 1 + number % 4
    before = {
        name: np.array([float(v) for k, v in given.items() if k.startswith(name)]).reshape(shape)
        for name, shape in shapes(units).items()
    }
    x = np.array([[float(given["x"])]])
    slopes, lr = gradients(before, x, x**3, KINDS[number % 4]), float(given["lr"])
    after = entries({name: array - lr * slopes[name] for name, array in before.items()})
    results = {name: result for name, _, result in reader.lines(key)}
    for name, value in after.items():
        assert results[f"new_{name}"] == reader.rounded(Decimal(value), 4)


@students
def test_a_blank_tells_no_result(number: int) -> None:
    key, blank = written(page(number), "latex"), written(page(number), "latex", blank=True)
    assert blank.count(r"\underline") == len(list(reader.lines(written(page(number), "text"))))
    for line in reader.lines(written(page(number), "text")):
        assert str(line.result) in key
        long = len(line.result.as_tuple().digits) == 4  # type: ignore[union-attr]
        assert not (long and str(abs(line.result or 0)) in blank)


def test_each_name_and_each_step_has_its_own_exercise_which_stays_the_same() -> None:
    def task(student: str, step: int = 0, **keys: object) -> str:
        of = CONFIG.model_copy(update=keys)
        found = written(explained(of, "a run", Asked(step, 2, student)), "text", blank=True)
        return found.partition("Given")[2]

    different = [task("Ada"), task("ada"), task("Alan"), task("Ada", 1), task("Ada", seed=1)]
    assert len(set(different)) == len(different)
    assert task("Ada") == task(" Ada ")
    assert task("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}") == task("Zoe\N{COMBINING DIAERESIS}")
    assert task("\udcff") != task("Ada")


@pytest.mark.parametrize(("lr", "used"), [(0.05, "0.05"), (1e-9, "0.01"), (7.0, "0.1")])
def test_the_learning_rate_is_the_runs_where_a_hand_can_follow_it(lr: float, used: str) -> None:
    found = explained(CONFIG.model_copy(update={"lr": lr}), "a", Asked(0, 2, "Ada"))
    assert found.given[-1] == [("lr", used)]
    assert ("the learning rate" in found.notes[1]) == (float(used) == lr)
