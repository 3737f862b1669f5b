"""Numbers and sentences of tests, as people read them."""

import pytest

from nnlab.study.study import Paired, Within
from nnlab.study.words import p_value, ratio, says


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1.0, "1"), (1.003, "1.003"), (1.00312, "1.003"), (0.99723, "0.997"), (0.99993, "0.99993"),
        (1.0099, "1.01"), (0.98, "0.98"),
        (1.2345, "1.23"), (0.0, "0"), (3217.4, "3,217"), (1 + 1e-12, "1"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_a_ratio_near_1_has_the_digits_that_tell_it_from_1(value: float, told: str) -> None:
    assert ratio(value) == told


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (0.0497, "0.0497"), (0.05, "0.05"), (0.0504, "0.0504"), (0.04999996, "0.04999996"),
        (0.0123, "0.012"), (1.0, "1"), (3.21e-9, "3.2e-09"), (0.0, "0"),
    ],
)  # fmt: skip
def test_a_p_value_stands_on_its_side_of_5_percent(p: float, told: str) -> None:
    assert p_value(p) == told


@pytest.mark.parametrize(
    ("measure", "at", "difference", "value"),
    [
        ("rmse", "", "the rmse of a is 5 above that of b", "the rmse of a is 5"),
        ("loss", "", "the loss of a is 5 above that of b", "the loss of a is 5"),
        ("samples_to_rmse", "0.1", "the samples to rmse at 0.1 of a are 5 above those of b",
         "the samples to rmse at 0.1 of a are 5"),
        ("steps", "", "the steps of a are 5 above those of b", "the steps of a are 5"),
    ],
)  # fmt: skip
def test_a_sentence_has_the_verb_of_its_measure(
    measure: str, at: str, difference: str, value: str
) -> None:
    pair = Paired(part="p", measure=measure, at=at, of="a", against="b", expect="less")
    assert says(pair, 5.0) == difference
    assert (
        says(pair, 0.0)
        == f"a and b have the same {measure.replace('_', ' ')}{' at 0.1' * bool(at)}"
    )
    assert says(Within(part="p", measure=measure, at=at, arm="a", low=0, high=1), 5.0) == value
