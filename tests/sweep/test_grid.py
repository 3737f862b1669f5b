"""A grid has every combination, the last axis fastest."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlab.sweep import grid
from nnlab.sweep.plan import Choices, Range

values = st.lists(st.integers(-3, 3) | st.lists(st.integers(0, 9)), min_size=1, max_size=4)


def test_the_last_axis_varies_fastest() -> None:
    space = {"lr": Choices(values=[0.1, 0.2]), "filters": Choices(values=[[8], [8, 16]])}
    assert list(grid.settings(space)) == [
        {"lr": 0.1, "filters": [8]},
        {"lr": 0.1, "filters": [8, 16]},
        {"lr": 0.2, "filters": [8]},
        {"lr": 0.2, "filters": [8, 16]},
    ]


@given(axes=st.dictionaries(st.sampled_from("abcd"), values, max_size=4))
def test_the_size_is_the_number_of_settings(axes: dict[str, list[Any]]) -> None:
    space = {key: Choices(values=each) for key, each in axes.items()}
    points = list(grid.settings(space))
    assert len(points) == grid.size(space)
    assert all(list(point) == list(axes) for point in points)
    assert all(point[key] in axes[key] for point in points for key in point)


def test_the_size_of_a_huge_grid_takes_no_memory() -> None:
    assert grid.size({key: Choices(values=list(range(1000))) for key in "abcdef"}) == 10**18


def test_a_range_has_no_grid() -> None:
    with pytest.raises(TypeError, match="low=0"):
        list(grid.settings({"lr": Range(low=0, high=1)}))
    assert grid.size({"lr": Range(low=0, high=1)}) is None
    assert grid.size({"lr": Range(low=1, high=3, whole=True)}) == 3
