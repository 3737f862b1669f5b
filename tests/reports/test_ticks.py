"""The numbers at the axes."""

import pytest

from nnlab.reports.ticks import log_ticks


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0.9, 8.0, [1, 1.5, 2, 3, 5, 7]),
        (0.9, 20.0, [1, 2, 5, 10, 20]),
        (0.9, 2000.0, [1, 10, 100, 1000]),
        (0.9, 2e9, [1, 1e3, 1e6, 1e9]),
        (225.0, 295.0, [230, 240, 250, 260, 270, 280, 290]),
    ],
)
def test_labels_of_a_high_axis(low: float, high: float, wanted: list[float]) -> None:
    assert log_ticks(low, high, inches=3.0, across=False) == pytest.approx(wanted)


def test_a_narrow_axis_has_fewer_labels_than_a_wide_one() -> None:
    narrow = log_ticks(9_000, 300_000, inches=2.0, across=True)
    wide = log_ticks(9_000, 300_000, inches=8.0, across=True)
    assert 1 <= len(narrow) < len(wide)
