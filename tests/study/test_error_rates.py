"""How often a verdict is wrong, and how often there is one: thousands of studies of pure chance."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from nnlab.study.decide import decide
from nnlab.study.luck import OTHER, comparison
from nnlab.study.study import Paired, Test, Within
from nnlab.study.verdicts import Judged
from tests.study.made import rows, study

SEEDS = 8
STUDIES = 2_000
Arms = Mapping[str, NDArray[np.float64]]


def against_a(arm: str, *, log: bool, counts: float = 0.0) -> Paired:
    return Paired(
        part="p", measure="loss", of=arm, against="a", expect="less", log=log,
        counts=counts + log * (1 - counts),
    )  # fmt: skip


def simulated(tests: list[Test], arms: Arms) -> Iterator[list[Judged]]:
    """Yield the verdicts of each study; the values of an arm are (studies, seeds)."""
    made = study(*tests)
    for each in zip(*arms.values(), strict=True):
        yield decide(made, rows(dict(zip(arms, each, strict=True))))


def share_decided(tests: list[Test], arms: Arms) -> float:
    """Return the share of studies with one "supported" or "refuted" or more."""
    found = [any(each.verdict != "undecided" for each in of) for of in simulated(tests, arms)]
    return sum(found) / len(found)


def draw(arms: str, seed: int, studies: int = STUDIES, n: int = SEEDS) -> Arms:
    """Return normal values of each arm; the pairs of a seed have some luck in common."""
    rng = np.random.default_rng(seed)
    luck = rng.normal(size=(studies, n))
    return {arm: luck + rng.normal(size=(studies, n)) for arm in arms}


@pytest.mark.slow
@pytest.mark.parametrize(("others", "log"), [("b", False), ("bcde", True)])
def test_without_an_effect_few_studies_find_one(others: str, log: bool) -> None:
    arms = draw(f"a{others}", seed=1)
    if log:  # skewed: the largest of 16,000 values is thousands of times their median
        arms = {arm: np.exp(1.5 * values) for arm, values in arms.items()}
    assert share_decided([against_a(arm, log=log) for arm in others], arms) <= 0.06


@pytest.mark.slow
def test_an_effect_of_exactly_what_counts_is_seldom_called_too_small() -> None:
    arms = draw("ab", seed=2)
    arms = {"a": arms["a"] + 3.0, "b": arms["b"]}
    found = [each[0].verdict for each in simulated([against_a("b", log=False, counts=3.0)], arms)]
    assert found.count("refuted") <= 0.06 / 2 * STUDIES


@pytest.mark.slow
def test_a_mean_on_the_bound_is_seldom_said_to_be_inside_or_outside() -> None:
    test = Within(part="p", measure="loss", arm="a", low=-50, high=0)
    assert share_decided([test], draw("a", seed=3)) <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize("others", ["b", "bcde"])
def test_an_effect_of_two_standard_deviations_is_decided_with_8_seeds(others: str) -> None:
    arms = draw(f"a{others}", seed=4, studies=300)
    arms = {**arms, "a": arms["a"] + 2 * np.sqrt(2)}  # of the differences
    found = [
        [each.verdict for each in of]
        for of in simulated([against_a(arm, log=False) for arm in others], arms)
    ]
    assert np.mean([each == "supported" for of in found for each in of]) >= 0.9


@pytest.mark.slow
def test_among_4_claims_the_only_real_effect_is_decided_too() -> None:
    arms = draw("abcde", seed=5, studies=300)
    arms = {**arms, "b": arms["b"] - 2 * np.sqrt(2)}
    tests: list[Test] = [against_a(arm, log=False) for arm in "bcde"]
    found = [each[0].verdict == "supported" for each in simulated(tests, arms)]
    assert np.mean(found) >= 0.9


@pytest.mark.slow
def test_with_the_seeds_that_are_needed_a_study_decides_in_80_percent() -> None:
    values = np.array([-1.0, 0.0, 0.5, 1.0, 2.0]) + 0.3
    tests: list[Test] = [against_a("b", log=False)]
    (first,) = decide(study(*tests), rows({"a": values, "b": np.zeros(5)}))
    assert first.verdict == "undecided"
    assert first.seeds_needed is not None
    n = int(first.seeds_needed)
    rng = np.random.default_rng(6)
    differences = rng.normal(values.mean(), values.std(ddof=1), (600, n))
    arms = {"a": differences, "b": np.zeros_like(differences)}
    assert 0.75 <= share_decided(tests, arms) <= 0.85


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "studies", "true"), [(8, 300, 0.05), (8, 300, 0.08), (32, 200, 0.05)]
)
def test_a_share_of_wrong_comparisons_is_seldom_called_what_it_is_not(
    n: int, studies: int, true: float
) -> None:
    test = Within(
        part="p", measure="wrong_share", arm="b", at=OTHER, low=-math.inf, high=0.05, share=True
    )
    made = study(test)
    derive = comparison("p", "loss", "a", "b")
    rng = np.random.default_rng(n)
    gap = -np.sqrt(2) * stats.norm.ppf(true)  # P(a > b) of normal values with spread 1
    false = 0
    for _ in range(studies):
        arms = {"a": rng.normal(size=n), "b": rng.normal(gap, size=n)}
        logs = rows({arm: np.exp(values) for arm, values in arms.items()})
        verdict = decide(made, logs + derive(logs))[0].verdict
        false += verdict == "supported" or (verdict == "refuted" and true == test.high)
    assert false <= 0.06 * studies


@pytest.mark.parametrize("counts", [0.0, 0.5])
def test_a_decision_needs_more_seeds_than_were_not_enough(counts: float) -> None:
    tests: list[Test] = [against_a(arm, log=False, counts=counts) for arm in "bc"]
    tests.append(Within(part="p", measure="loss", arm="a", low=-0.5, high=0.7))
    needed = [
        each.seeds_needed
        for of in simulated(tests, draw("abc", seed=7, studies=100))
        for each in of
        if each.seeds_needed is not None
    ]
    assert len(needed) > 200
    assert min(needed) > SEEDS
