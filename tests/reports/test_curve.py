"""The curve of characters: read back from the picture, it is the data."""

import math
from collections.abc import Sequence

import pytest

from nnlab.reports.curve import BRAILLE, draw

WIDTH, HEIGHT = 60, 18


def stars(lines: Sequence[str]) -> dict[int, list[int]]:
    """Return the rows of the stars of each column of an ASCII picture."""
    margin = max(lines[0].index("+"), 0) + 1
    found: dict[int, list[int]] = {}
    for row, line in enumerate(lines[:-2]):
        for column, character in enumerate(line[margin:]):
            if character == "*":
                found.setdefault(column, []).append(row)
    return found


@pytest.mark.parametrize("log", [False, True])
def test_each_point_is_where_its_value_is(log: bool) -> None:
    x = list(range(0, 101, 4))
    y = [2.0 ** (-each / 10) for each in x]
    lines = draw(x, y, x_name="steps", width=WIDTH, height=HEIGHT, log=log)
    assert all(line.isascii() and len(line) <= WIDTH for line in lines)
    assert len(lines) == HEIGHT
    found = stars(lines)
    columns = WIDTH - lines[0].index("+") - 1
    scale = math.log if log else float
    for a, b in zip(x, y, strict=True):
        depth = (scale(y[0]) - scale(b)) / (scale(y[0]) - scale(y[-1]))
        assert round(depth * (HEIGHT - 3)) in found[round(a / 100 * (columns - 1))]
    assert set(found) == set(range(columns))  # joined: no column is empty
    labels = {row: float(line.split()[0]) for row, line in enumerate(lines[:-2]) if "+" in line}
    for row, value in labels.items():
        depth = row / (HEIGHT - 3)
        wanted = scale(y[0]) + (scale(y[-1]) - scale(y[0])) * depth
        assert value == pytest.approx(math.exp(wanted) if log else wanted, rel=6e-3)
    assert lines[-1].split() == ["0", "steps", "100"]


def test_braille_dots_are_those_of_a_finer_picture() -> None:
    x = list(range(50))
    y = [abs(each - 20) + 1.0 for each in x]
    fine = draw(x, y, x_name="x", width=40, height=10, fine=True)
    margin = fine[0].index("┤") + 1
    tall = 4 * (len(fine) - 2) + 2
    wide = draw(x, y, x_name="x", width=80, height=tall)[0].index("+") + 1 + 2 * (40 - margin)
    plain = draw(x, y, x_name="x", width=wide, height=tall)
    dots = {
        (2 * column + a, 4 * row + d)
        for row, line in enumerate(fine[:-2])
        for column, character in enumerate(line[margin:])
        for a, bits in enumerate(BRAILLE)
        for d, bit in enumerate(bits)
        if (ord(character) - 0x2800) & bit and character != " "
    }
    assert dots == {(column, row) for column, rows in stars(plain).items() for row in rows}


def test_a_peak_of_one_point_among_many_is_seen() -> None:
    y = [1.0] * 10_000
    y[5_000] = 2.0
    found = stars(draw(range(10_000), y, x_name="x", width=WIDTH, height=HEIGHT))
    assert sum(0 in rows for rows in found.values()) == 1


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1], [3.0]), ([1, 2], [0.0, 0.0]), ([1, 2, 3], [1e308, 0.0, 1e-300]),
        ([5, 10**20, 1], [1.0, 2.0, 3.0]), ([1, 1], [1.0, 2.0]), ([1, 2], [0.9121, 0.9122]),
    ],
)  # fmt: skip
def test_odd_data_is_drawn(x: list[float], y: list[float]) -> None:
    lines = draw(x, y, x_name="steps", width=WIDTH, height=HEIGHT)
    assert stars(lines)
    labels = [line.split()[0] for line in lines[:-2] if "+" in line]
    assert len(set(labels)) == len(labels) > 1
