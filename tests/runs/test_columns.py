"""metrics.csv read by column: the fast way finds what the careful way finds."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnlab.errors import DataError
from nnlab.runs.columns import _plain, read_columns
from nnlab.runs.metrics import read_rows

NUMBERS = st.one_of(
    st.integers(0, 10**25).map(str),
    st.floats(0, 1e308).map(repr),
    st.sampled_from(["", "-1", "1e999", "nan", "1_0", "+3", "007", ".5", "1.", "1e5", '"4"', " 2"]),
)
TABLES = st.lists(st.lists(NUMBERS, min_size=2, max_size=3), max_size=4)


@given(TABLES, st.sampled_from(["\n", "", "\r\n", "\n\n"]))
@example([["1", "0.5"], ["2", "0.25"]], "\n")
@example([["1", "0.5"], ["2", "0."]], "")
def test_both_ways_agree(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], end: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "metrics.csv"
    path.write_bytes("\n".join(["step,loss", *map(",".join, table)]).encode() + end.encode())
    rows, _ = read_rows(path)
    wanted = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    found, _ = read_columns(path)
    assert found == wanted
    assert [list(map(type, c)) for c in found.values()] == [
        list(map(type, c)) for c in wanted.values()
    ]


@pytest.mark.parametrize("header", ['"a",b', "a,a", "a,", "é,b", "a b,c", "a,b,c", "a"])
def test_an_unusual_header_is_read_the_careful_way(tmp_path: Path, header: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"{header}\n1,2\n")
    rows, _ = read_rows(path)
    assert read_columns(path)[0] == {k: [row[k] for row in rows] for k in (rows[0] if rows else ())}


def test_what_nnlab_writes_is_read_the_fast_way(tmp_path: Path) -> None:
    assert _plain(b"step,loss\n1,0.5\n2,1e-05\n") == {"step": [1, 2], "loss": [0.5, 1e-05]}
    assert read_columns(tmp_path / "metrics.csv") == ({}, "")
    (tmp_path / "metrics.csv").write_text("step,loss\n")
    assert read_columns(tmp_path / "metrics.csv") == ({}, "")


def test_a_pipe_in_its_place_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.csv")
    with pytest.raises(DataError, match=r"metrics\.csv: this is a pipe, not a plain file"):
        read_columns(tmp_path / "metrics.csv")
