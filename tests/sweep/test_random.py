"""Random search draws evenly, and setting i depends only on the seed and on i."""

from collections import Counter
from itertools import islice
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from nnlab.sweep import grid
from nnlab.sweep.plan import Axis, Choices, Range
from nnlab.sweep.random import MOST_SHUFFLED, name_of, setting, settings

seeds = st.integers(0, 2**40)
numbers = st.integers(0, 10**6)
DRAWS = 4000


def drawn(axis: Axis) -> list[Any]:
    return [setting({"x": axis}, 0, number)["x"] for number in range(DRAWS)]


@given(
    ends=st.tuples(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300)),
    log=st.booleans(),
    seed=seeds,
    number=numbers,
)
@example(ends=(0.001, 0.001), log=True, seed=0, number=0)  # exp(log(0.001)) is not 0.001
def test_a_number_is_between_the_ends(
    ends: tuple[float, float], log: bool, seed: int, number: int
) -> None:
    low, high = sorted(ends)
    value = setting({"x": Range(low=low, high=high, log=log)}, seed, number)["x"]
    assert isinstance(value, float)
    assert low <= value <= high


@given(
    ends=st.tuples(st.integers(1, 10**9), st.integers(1, 10**9)),
    log=st.booleans(),
    seed=seeds,
    number=numbers,
)
def test_a_whole_number_is_between_the_ends(
    ends: tuple[int, int], log: bool, seed: int, number: int
) -> None:
    low, high = sorted(ends)
    value = setting({"x": Range(low=low, high=high, log=log, whole=True)}, seed, number)["x"]
    assert type(value) is int
    assert low <= value <= high


@given(values=st.lists(st.integers() | st.lists(st.integers()), min_size=1), seed=seeds)
def test_a_choice_is_one_of_the_values(values: list[Any], seed: int) -> None:
    assert setting({"x": Choices(values=values)}, seed, 5)["x"] in values


@given(seed=seeds, number=numbers)
def test_equal_seed_and_number_give_equal_settings(seed: int, number: int) -> None:
    space: dict[str, Axis] = {"a": Range(low=0, high=1), "b": Choices(values=list(range(50)))}
    first = setting(space, seed, number)
    assert first == setting(space, seed, number)
    assert first["a"] != setting(space, seed, number + 1)["a"]
    assert first["a"] != setting(space, seed + 1, number)["a"]


def test_settings_do_not_change_from_release_to_release() -> None:
    """Old sweeps must resume: these draws are part of the format of a sweep."""
    space: dict[str, Axis] = {
        "lr": Range(low=0.001, high=0.1, log=True),
        "width": Range(low=1, high=100, whole=True),
        "act": Choices(values=["relu", "tanh", "sigmoid"]),
    }
    assert setting(space, 0, 7) == {"lr": 0.005526203541566219, "width": 13, "act": "sigmoid"}


def test_choices_are_drawn_evenly() -> None:
    counts = Counter(drawn(Choices(values=["a", "b", "c", "d"])))
    assert all(abs(count - DRAWS / 4) < 4 * np.sqrt(DRAWS * 3 / 16) for count in counts.values())


def test_both_ends_of_whole_numbers_are_as_likely_as_the_others() -> None:
    counts = Counter(drawn(Range(low=3, high=6, whole=True)))
    assert sorted(counts) == [3, 4, 5, 6]
    assert all(abs(count - DRAWS / 4) < 4 * np.sqrt(DRAWS * 3 / 16) for count in counts.values())


def test_a_range_is_drawn_evenly_and_a_log_range_log_evenly() -> None:
    spread = 4 / np.sqrt(12 * DRAWS)  # four standard errors of the mean of even draws on [0, 1]
    assert abs(np.mean(drawn(Range(low=2, high=3))) - 2.5) < spread
    logs = np.log10(drawn(Range(low=0.01, high=0.1, log=True)))
    assert abs(np.mean(logs) + 1.5) < spread


def test_log_whole_numbers_are_as_likely_as_their_logarithmic_width() -> None:
    counts = Counter(drawn(Range(low=1, high=4, whole=True, log=True)))
    for number in (1, 2, 3, 4):
        share = np.log((number + 0.5) / (number - 0.5)) / np.log(4.5 / 0.5)
        assert abs(counts[number] / DRAWS - share) < 4 * np.sqrt(share * (1 - share) / DRAWS)


FINITE: dict[str, Axis] = {
    "hidden": Range(low=1, high=40, whole=True, log=True),
    "filters": Choices(values=[[8], [8, 16], {"a": None}]),
    "width": Range(low=-2, high=2, whole=True),
}


@given(seed=seeds)
def test_a_finite_space_gives_each_setting_once(seed: int) -> None:
    found = list(settings(FINITE, seed))
    assert len(found) == len({name_of(keys) for keys in found}) == grid.size(FINITE) == 600
    for keys in found[:20]:
        assert list(keys) == list(FINITE)
        assert all(axis.holds(keys[key]) for key, axis in FINITE.items())


def test_a_longer_search_of_a_large_finite_space_begins_the_same_and_repeats_nothing() -> None:
    space: dict[str, Axis] = {
        "low": Range(low=1, high=MOST_SHUFFLED, whole=True, log=True),
        "act": Choices(values=["relu", "tanh"]),
    }
    found = list(islice(settings(space, 0), 3000))
    assert len({name_of(keys) for keys in found}) == 3000
    assert len({name_of(setting(space, 0, number)) for number in range(3000)}) < 3000
    assert list(islice(settings(space, 0), 100)) == found[:100]


def test_the_first_of_a_finite_space_is_as_likely_as_one_draw() -> None:
    space: dict[str, Axis] = {"x": Range(low=1, high=4, whole=True, log=True)}
    counts = Counter(next(settings(space, seed))["x"] for seed in range(DRAWS))
    for number in (1, 2, 3, 4):
        share = np.log((number + 0.5) / (number - 0.5)) / np.log(4.5 / 0.5)
        assert abs(counts[number] / DRAWS - share) < 4 * np.sqrt(share * (1 - share) / DRAWS)


def test_a_space_of_real_numbers_has_no_end() -> None:
    space: dict[str, Axis] = {"lr": Range(low=0, high=1), "act": Choices(values=["relu", "tanh"])}
    assert list(islice(settings(space, 5), 30)) == [setting(space, 5, k) for k in range(30)]
