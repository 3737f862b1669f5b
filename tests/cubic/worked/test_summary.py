"""A large step in summary: its tables say what NumPy computes."""

import re
from decimal import Decimal
from typing import get_args

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig, GradientKind
from nnlab.cubic.gradients import gradients
from nnlab.cubic.replay import states
from nnlab.cubic.worked.explain import explained
from nnlab.cubic.worked.formats import written
from nnlab.cubic.worked.page import Asked
from nnlab.errors import DivergedError, UsageError
from tests.cubic.worked import reader
from tests.cubic.worked.test_complete import digits, entries


@pytest.mark.parametrize("kind", get_args(GradientKind))
@pytest.mark.parametrize(("hidden", "batch"), [(30, 1), (30, 8), (2, 17)])
def test_norms_and_entries_are_those_of_the_step(
    kind: GradientKind, hidden: int, batch: int
) -> None:
    of = CubicConfig(hidden=hidden, samples=40, batch_size=batch, gradient=kind, shuffle=False)
    text = written(explained(of, "a", Asked(1)), "text")
    rows = {
        name: (shape, float(norm), first)
        for name, shape, norm, first in re.findall(
            r"^  (\w+)  .*?(\d+(?: x \d+)*) +([\d.e+-]+)  (\S.*)$", text, re.MULTILINE
        )
    }
    (_, before), (_, after) = states(of, [1, 2])
    x, y = (array[batch : 2 * batch] for array in data.points(of))
    slopes = gradients(before, x, y, kind)
    found = {**before, **{f"d{n}": a for n, a in slopes.items()}}
    found |= {f"new_{n}": a for n, a in after.items()} | {"x": x, "y": y}
    h1 = 1 / (1 + np.exp(-x @ before["W1"].T - before["b1"]))
    h2 = 1 / (1 + np.exp(-h1 @ before["W2"].T - before["b2"]))
    f = h2 @ before["W3"].T + before["b3"]
    found |= {"h1": h1, "h2": h2, "f": f, "e": f - y, "L": np.mean((f - y) ** 2, axis=0)}
    for name, array in found.items():
        shape, norm, first = rows[name]
        assert shape == " x ".join(map(str, array.shape))
        assert norm == pytest.approx(np.sqrt(np.sum(array**2)), rel=1e-5)
        numbers = [float(each) for each in first.removesuffix(", ...").split(", ")]
        assert numbers == pytest.approx(array.ravel()[:3], rel=1e-5)
        assert first.endswith("...") == (array.size > 3)
    assert {*rows} - {*found} == {"d1", "d2", "d3"}


@pytest.mark.parametrize("kind", get_args(GradientKind))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("step", [0, 150])
def test_the_lines_follow_the_first_unit(kind: GradientKind, dtype: str, step: int) -> None:
    of = CubicConfig(hidden=30, samples=200, gradient=kind, dtype=dtype, lr=0.05)  # type: ignore[arg-type]
    text = written(explained(of, "a", Asked(step)), "text")
    (most, new), values = digits(text), reader.given(text)
    printed = list(reader.lines(text))
    blank = reader.lines(written(explained(of, "a", Asked(step)), "text", blank=True))
    for line, empty in zip(printed, blank, strict=True):
        value = reader.computed(line.expression)
        assert value == reader.computed(empty.expression, values)
        used = new if line.name.startswith("new_") else most
        assert line.result == reader.rounded(value, used)
        values[line.name] = line.result
    (_, before), (_, after) = states(of, [step, step + 1])
    for name in ("W1[1]", "b1[1]", "W2[1,1]", "b2[1]", "W3[1]", "b3"):
        assert float(values[name]) == pytest.approx(entries(before)[name], rel=1e-6)
        assert values[f"new_{name}"] == reader.rounded(Decimal(entries(after)[name]), new)
    for name, told in re.findall(r"^  (e|L|f|d3|y|x)  .* (\S+)$", text, re.MULTILINE):
        assert float(values[name]) == pytest.approx(float(told), rel=1e-4)
    assert {"z1[1]", "h1[1]", "d2[1]", "dW2[1,1]"} < {line.name for line in printed}


@pytest.mark.parametrize(
    ("hidden", "batch", "why"),
    [
        (30, 1, "because there are 30 units in a layer."),
        (30, 17, "because there are 30 units in a layer and 17 samples in the batch."),
        (4, 17, "because there are 17 samples in the batch."),
    ],
)
def test_it_says_why_and_whether_a_small_network_helps(hidden: int, batch: int, why: str) -> None:
    page = explained(CubicConfig(hidden=hidden, samples=20, batch_size=batch), "a", Asked(0))
    assert why in page.notes[0]
    assert any("--units 2" in note for note in page.notes) == (hidden > 4)


def test_the_last_batch_of_an_epoch_may_be_small_enough_to_write_out() -> None:
    of = CubicConfig(hidden=2, samples=40, batch_size=18)
    assert explained(of, "a", Asked(1)).tables
    assert not explained(of, "a", Asked(2)).tables


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(20), "--step 20: a takes 20 steps, so N is 0 to 19"),
        (Asked(-1), "--step -1: a takes 20 steps, so N is 0 to 19"),
        (Asked(0, 0), "--units 0: a step is written out for 1 to 4 units"),
        (Asked(0, 5, "Ada"), "--units 5: a step is written out for 1 to 4 units"),
    ],
)
def test_what_cannot_be_explained_is_one_message(asked: Asked, said: str) -> None:
    with pytest.raises(UsageError) as error:
        explained(CubicConfig(hidden=2, samples=20), "a", asked)
    assert str(error.value) == said


def test_a_step_after_a_divergence() -> None:
    with pytest.raises(DivergedError):
        explained(CubicConfig(hidden=2, samples=500, lr=1e3), "a", Asked(499))
