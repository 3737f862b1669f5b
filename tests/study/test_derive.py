"""Rows that are derived from other rows."""

from nnlab.study.derive import as_arms, as_places
from nnlab.study.results import Results, Row


def test_measures_become_the_arms_of_a_new_part() -> None:
    results = Results([
        Row("p", "a", 0, "norm_1", "5", 1.5, "run-0"),
        Row("p", "a", 1, "norm_2", "5", 2.5, "run-1"),
        Row("p", "a", 0, "other", "5", 9.0, "run-0"),
        Row("p", "b", 0, "norm_1", "5", 9.0, "run-2"),
    ])  # fmt: skip
    copy = as_arms("p", "a", {"norm_1": "one", "norm_2": "two"}, into="q", measure="norm")
    assert [*copy(results)] == [
        Row("q", "one", 0, "norm", "5", 1.5, "run-0"),
        Row("q", "two", 1, "norm", "5", 2.5, "run-1"),
    ]


def test_arms_become_the_places_of_one_arm() -> None:
    results = Results([
        Row("p", "b-1", 0, "steps", "", 90.0, "run-0"),
        Row("p", "b-8", 0, "steps", "", 30.0, "run-1"),
        Row("p", "b-8", 0, "steps", "9", 1.0, "run-1"),
        Row("p", "b-64", 0, "steps", "", 9.0, "run-2"),
        Row("q", "b-8", 0, "steps", "", 9.0, "run-3"),
    ])  # fmt: skip
    copy = as_places("p", {"b-1": 1, "b-8": 0.5}, measure="steps", into="r", arm="all")
    assert [*copy(results)] == [
        Row("r", "all", 0, "steps", "1", 90.0, "run-0"),
        Row("r", "all", 0, "steps", "0.5", 30.0, "run-1"),
    ]
