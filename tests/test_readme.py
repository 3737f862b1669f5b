"""The README is short, and shows what its commands print."""

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Nnlab
from tests.sessions import session, words

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
IN_A_TERMINAL = re.compile(r" *(?:[\d,]{6,}|step) ")  # the table that moves in place


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 110


@pytest.mark.slow
def test_the_commands_print_what_the_readme_shows(nnlab: Nnlab) -> None:
    commands = session(README)
    for name in ("cubic", "runs", "compare", "predict", "fashion", "report"):
        assert any(shown.command.split()[1] == name for shown in commands), name
    for shown in commands:
        done = nnlab(*shlex.split(shown.command)[1:])
        assert done.returncode == shown.code, done.stderr
        printed = [words(line) for line in (done.stdout + done.stderr).splitlines()]
        for line in shown.lines:
            assert IN_A_TERMINAL.match(line) or words(line) in printed, (line, printed)
