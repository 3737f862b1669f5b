import math
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from nnlab.study.results import Results, Row
from tests.study.made import from_csv

NAMES = st.sampled_from(["a", "b", "c-1"])
ROWS = st.lists(
    st.builds(
        Row, NAMES, NAMES, st.integers(0, 9), st.sampled_from(["loss", "rmse"]),
        st.sampled_from(["", "1", "10", "2", "layer 1"]),
        st.floats(allow_nan=False), st.just("a-s1"),
    ),
    max_size=20,
)  # fmt: skip


@given(ROWS, st.randoms())
def test_the_order_of_the_runs_changes_no_byte(rows: list[Row], random: Random) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    assert Results(mixed).csv() == Results(rows).csv()


@given(ROWS)
def test_csv_keeps_every_number_to_its_last_digit(rows: list[Row]) -> None:
    results = Results(rows)
    assert from_csv(results.csv()).rows == results.rows


def test_places_are_sorted_as_numbers_then_names() -> None:
    rows = [Row("p", "a", 0, "norm", at, 1.0) for at in ("10", "layer", "9", "1e3", "")]
    assert Results(rows).places("p", "a", "norm") == ["9", "10", "1e3", "", "layer"]


def test_values_are_found_by_seed_and_as_a_curve() -> None:
    rows = [Row("p", "a", seed, "loss", str(at), seed + at) for seed in (1, 0) for at in (10, 2)]
    results = Results(rows)
    assert results.by_seed("p", "a", "loss", "10") == {0: 10, 1: 11}
    assert results.curve("p", "a", 1, "loss") == ([2, 10], [3, 11])
    assert results.by_seed("p", "b", "loss") == {}
    assert (results.arms("p"), results.seeds("p")) == (["a"], [0, 1])


def test_infinity_is_kept() -> None:
    text = Results([Row("p", "a", 0, "loss", "", math.inf)]).csv()
    assert from_csv(text).rows[0].value == math.inf
