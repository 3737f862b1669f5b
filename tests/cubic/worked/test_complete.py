"""Every line of a printed step is right, and the step is the one that the training takes."""

import re
from decimal import Decimal
from typing import get_args

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig, GradientKind
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Parameters
from nnlab.cubic.replay import states
from nnlab.cubic.worked.explain import explained
from nnlab.cubic.worked.formats import written
from nnlab.cubic.worked.page import Asked
from tests.cubic.worked import reader

KINDS = get_args(GradientKind)
DIGITS = re.compile(r"rounded to (\d+) significant digits.* rounded to (\d+) digits", re.DOTALL)


def config(seed: int) -> CubicConfig:
    """Return a small config, drawn at random."""
    rng = np.random.default_rng(seed)
    return CubicConfig(
        hidden=int(rng.integers(1, 5)),
        samples=40,
        epochs=2,
        batch_size=int(rng.integers(1, 5)),
        lr=float(rng.choice([0.01, 0.3, 0.0123])),
        seed=seed,
        init_scale=float(rng.choice([0.05, 1])),
        init=str(rng.choice(["gaussian", "recycled"])),  # type: ignore[arg-type]
        gradient=KINDS[seed % 4],
        dtype=str(rng.choice(["float64", "float32"])),  # type: ignore[arg-type]
        engine=str(rng.choice(["numpy", "numba"] if seed > 7 else ["numpy"])),  # type: ignore[arg-type]
    )


def step(seed: int, of: CubicConfig) -> int:
    """Return a step of a run, drawn at random."""
    return seed * 7 % (of.steps_per_epoch * of.epochs)


def digits(text: str) -> tuple[int, int]:
    """Return the significant digits of all numbers, and of the new weights."""
    found = DIGITS.search(text)
    assert found
    return int(found[1]), int(found[2])


def entries(parameters: Parameters) -> dict[str, float]:
    """Return every parameter by its printed name."""
    found: dict[str, float] = {}
    for block, array in parameters.items():
        if block == "W2":
            found |= {f"W2[{i + 1},{j + 1}]": float(v) for (i, j), v in np.ndenumerate(array)}
        elif block == "b3":
            found["b3"] = float(array[0])
        else:
            found |= {f"{block}[{i}]": float(v) for i, v in enumerate(array.ravel(), 1)}
    return found


seeds = pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 7)) for seed in range(60)]
)


@seeds
def test_every_line_can_be_computed_again_from_its_numbers(seed: int) -> None:
    of = config(seed)
    page = explained(of, "a run", Asked(step(seed, of)))
    for form in ("text", "markdown"):
        text = written(page, form)
        most, new = digits(text)
        printed = list(reader.lines(text))
        assert len(printed) == sum(len(section.lines) for section in page.sections) > 20
        for name, expression, result in printed:
            value = reader.computed(expression)
            assert result == reader.rounded(value, new if name.startswith("new_") else most), name


@seeds
def test_a_line_uses_the_numbers_that_the_lines_before_it_printed(seed: int) -> None:
    of = config(seed)
    page = explained(of, "a run", Asked(step(seed, of)))
    told, blank = written(page, "text"), written(page, "text", blank=True)
    values = reader.given(told)
    for line, empty in zip(reader.lines(told), reader.lines(blank), strict=True):
        assert line.result is not None
        assert reader.computed(line.expression) == reader.computed(empty.expression, values)
        values[line.name] = line.result


@seeds
def test_the_step_is_the_one_that_the_training_takes(seed: int) -> None:
    of, at = config(seed), step(seed, config(seed))
    text = written(explained(of, "a run", Asked(at)), "text")
    (most, new), given = digits(text), reader.given(text)
    results = {name: result for name, _, result in reader.lines(text)}
    (_, before), (_, after) = states(of, [at, at + 1])
    for name, value in entries(before).items():
        assert given[name] == reader.rounded(Decimal(repr(value)), most)
    for name, value in entries(after).items():
        assert results[f"new_{name}"] == reader.rounded(Decimal(value), new), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [1, 3])
def test_deltas_and_gradients_are_those_of_the_network(kind: GradientKind, batch: int) -> None:
    of = CubicConfig(
        hidden=3, samples=9, batch_size=batch, gradient=kind, init_scale=1, shuffle=False
    )
    results = {
        name: float(result or 0)
        for name, _, result in reader.lines(written(explained(of, "a", Asked(0)), "text"))
    }
    ((_, parameters),) = states(of, [0])
    x, y = (array[:batch] for array in data.points(of))
    network = NETWORKS[kind](parameters, batch)
    network.forward(x)
    for name, value in entries(network.backward(x, y)).items():
        assert results[f"d{name}"] == pytest.approx(value, rel=1e-5), name
    for name in ("h1", "h2", "d2", "d1"):
        for (s, i), value in np.ndenumerate(getattr(network, name)):
            sample = f"({s + 1})" if batch > 1 else ""
            assert results[f"{name}[{i + 1}]{sample}"] == pytest.approx(value, rel=1e-5)
    assert results["L"] == pytest.approx(np.mean(network.error**2), rel=1e-5)


def test_a_small_network_is_that_of_a_run_with_its_hidden_units() -> None:
    large = CubicConfig(hidden=20, samples=50)
    small = explained(large.model_copy(update={"hidden": 2}), "a", Asked(7))
    found = explained(large, "a", Asked(7, units=2))
    assert found.sections == small.sections
    assert "hidden: 2" in found.notes[0]
    assert explained(large.model_copy(update={"hidden": 2}), "a", Asked(7, units=2)) == small


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_equation_is_named_beside_the_exact_one(kind: GradientKind) -> None:
    of = CubicConfig(hidden=2, samples=9, gradient=kind)
    page = explained(of, "a", Asked(3))
    told = [section.equation for section in page.sections if "instead of" in section.equation]
    wrong = {"exact": [], "wrong-unit": ["dW2"], "diagonal": ["d1"], "as-printed": ["d1", "dW2"]}
    assert [equation.partition("[")[0] for equation in told] == wrong[kind]
    assert (f"gradient: {kind}" in written(page, "text")) == (kind != "exact")
    exact = explained(of.model_copy(update={"gradient": "exact"}), "a", Asked(3))
    assert (page.sections == exact.sections) == (kind == "exact")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("batch", "samples"), [(16, 16), (17, 1), (40, 1)])
def test_a_large_batch_is_complete_or_follows_its_first_sample(
    kind: GradientKind, batch: int, samples: int
) -> None:
    of = CubicConfig(hidden=2, samples=40, batch_size=batch, gradient=kind, init_scale=1)
    text = written(explained(of, "a", Asked(0)), "text")
    (most, new), values = digits(text), reader.given(text)
    assert ("rest_L" in values) == ("The lines after the tables" in text) == (samples == 1)
    blank = list(reader.lines(written(explained(of, "a", Asked(0)), "text", blank=True)))
    for line, empty in zip(reader.lines(text), blank, strict=True):
        value = reader.computed(line.expression)
        assert value == reader.computed(empty.expression, values)
        assert line.result == reader.rounded(value, new if line.name[:4] == "new_" else most)
        values[line.name] = line.result
    assert sum(line.name.startswith("f(") for line in blank) == samples
    ((_, after),) = states(of, [1])
    for name, entry in entries(after).items():
        assert values[f"new_{name}"] == reader.rounded(Decimal(entry), new), name
    loss = re.search(r"^  L  .* (\S+)$", text, re.MULTILINE)
    assert samples > 1 or (loss and float(values["L"]) == pytest.approx(float(loss[1]), rel=1e-5))
