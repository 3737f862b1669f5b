"""metrics.csv read by column: the fast way finds what the careful way finds."""

import csv
import io
import os
from array import array
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnlab.errors import DataError
from nnlab.runs.columns import AT_ONCE, Columns, first_rows, packed, read_columns

NUMBERS = st.one_of(
    st.integers(0, 10**25).map(str),
    st.floats(0, 1e308).map(repr),
    st.sampled_from(["", "-1", "1e999", "nan", "1_0", "+3", "007", ".5", "1.", "1e5", '"4"', " 2"]),
)
TABLES = st.lists(st.lists(NUMBERS, min_size=2, max_size=3), max_size=4)


def lists(columns: Columns) -> dict[str, list[float]]:
    """Return the columns as lists, whose types can be seen."""
    return {name: list(column) for name, column in columns.items()}


def seen(path: Path) -> tuple[dict[str, list[float]], list[list[type]], str]:
    columns, fault = read_columns(path)
    return lists(columns), [list(map(type, column)) for column in columns.values()], fault


def first_of(path: Path, count: int) -> tuple[list[list[float]], str]:
    """Return the first good rows, and what is wrong with the next one."""
    found: list[list[float]] = []
    try:
        for part in first_rows(path, count):
            found += map(list, zip(*part.values(), strict=True))
    except (ValueError, csv.Error) as fault:
        return found, str(fault)
    return found, ""


@given(TABLES, st.sampled_from(["\n", "", "\r\n", "\n\n"]), st.integers(1, 5))
@example([["1", "0.5"], ["2", "0.25"]], "\n", 1)
@example([["1", "0.5"], ["2", "0."]], "", 2)
@example([["1", "0.5"], ["2.0", "3"], ["4", "9223372036854775808"]], "\n", 3)
def test_both_ways_agree(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], end: str, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "metrics.csv"
    text = "\n".join(["step,loss", *map(",".join, table)]) + end
    path.write_bytes(b'"step"' + text.encode()[4:])  # quotes in the header: the careful way
    careful, first = seen(path), first_of(path, count)
    path.write_bytes(text.encode())
    assert seen(path) == careful
    assert first_of(path, count) == first
    rows = len(careful[0].get("step", ()))
    assert len(first[0]) == min(rows, count)
    assert [[*row] for row in zip(*careful[0].values(), strict=True)][:count] == first[0]
    assert not (first[1] and rows >= count)


@pytest.mark.parametrize("header", ['"a",b', "a,a", "a,", "\xe9,b", "a b,c", "a,b,c", "a"])
def test_an_unusual_header_is_read_the_careful_way(tmp_path: Path, header: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"{header}\n1,2\n")
    row = next(csv.DictReader(io.StringIO(path.read_text())))
    sound = None not in row and None not in row.values()
    found = {name: [int(text)] for name, text in row.items()} if sound else {}
    assert lists(read_columns(path)[0]) == found


def test_a_file_without_rows_has_no_columns(tmp_path: Path) -> None:
    assert read_columns(tmp_path / "metrics.csv") == ({}, "")
    (tmp_path / "metrics.csv").write_text("step,loss\n")
    assert read_columns(tmp_path / "metrics.csv") == ({}, "")


@pytest.mark.parametrize("odd", ["", "20000,1_0\n", "20000,0.5\r\n", "x,0.5\n", "20000,0.5"])
def test_a_long_file_is_read_exactly_and_kept_in_arrays(tmp_path: Path, odd: str) -> None:
    """More than is read at once, with something unusual behind it."""
    loss = np.random.default_rng(0).exponential(size=20_000).tolist()
    lines = [f"{step},{value!r}\n" for step, value in enumerate(loss)]
    assert sum(map(len, lines)) > AT_ONCE
    (tmp_path / "metrics.csv").write_bytes(f"step,loss\n{''.join(lines)}{odd}".encode())
    columns, fault = read_columns(tmp_path / "metrics.csv")
    assert fault == ("line 20002 of metrics.csv" if odd.startswith("x") else "")
    good = len(loss) + odd.startswith("20000") * odd.endswith("\n")
    assert [len(column) for column in columns.values()] == [good, good]
    assert list(columns["loss"][:20_000]) == loss
    assert columns["step"] == array("q", range(good))
    assert read_columns(tmp_path / "metrics.csv", ["loss"])[0] == {"loss": columns["loss"]}
    assert len(first_of(tmp_path / "metrics.csv", 20_000)[0]) == 20_000


@pytest.mark.parametrize(
    ("values", "kind"),
    [([], "q"), ([1, 2**63 - 1], "q"), ([0.1, 2.0], "d"), ([1, 0.1], ""), ([1, 2**63], "")],
)
def test_numbers_are_packed_exactly(values: list[float], kind: str) -> None:
    found = packed(iter(values))
    assert (list(found), list(map(type, found))) == (values, list(map(type, values)))
    assert getattr(found, "typecode", "") == kind


def test_a_pipe_in_its_place_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.csv")
    with pytest.raises(DataError, match=r"metrics\.csv: this is a pipe, not a plain file"):
        read_columns(tmp_path / "metrics.csv")
