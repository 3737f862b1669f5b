"""A table in a terminal that is too narrow for it."""

import pytest

from nnlab.reports import table


def test_the_widest_column_is_cut_and_short_ones_stay_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(table, "in_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    table.print_table(("at", "pair", "says"), [("last", "B - A", "a long answer " * 5)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("last  B - A  a long answer")
    assert lines[1].rstrip().endswith("…")
    assert len(lines[1]) == 40


@pytest.mark.parametrize(("width", "header"), [(30, "lr  batch_size"), (12, "    batch_")])
def test_a_header_is_split_only_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int, header: str
) -> None:
    monkeypatch.setattr(table, "in_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    table.print_table(("lr", "batch_size"), [("1", "32")])
    assert capsys.readouterr().out.splitlines()[0].rstrip() == header
