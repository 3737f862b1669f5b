"""The README is short, and shows what its commands print."""

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Nnlab

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
NUMBER = r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?(?: (?:s|min|h)\b)?"
IN_A_TERMINAL = re.compile(r" *(?:[\d,]{6,}|step) ")  # the table that moves in place


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 110


def words(line: str) -> str:
    """Return a line without its numbers and its widths, which differ from machine to machine."""
    return " ".join(re.sub(NUMBER, "N", line).split())


def session() -> list[tuple[str, list[str]]]:
    """Return each command of the README with the lines that the README shows below it."""
    shown: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```text\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                shown.append((line[2:], []))
            elif line and not line.startswith(("#", "...")) and not IN_A_TERMINAL.match(line):
                shown[-1][1].append(line)
    return shown


@pytest.mark.slow
def test_the_commands_print_what_the_readme_shows(nnlab: Nnlab) -> None:
    commands = session()
    for name in ("cubic", "runs", "compare", "predict", "fashion", "report"):
        assert any(command.split()[1] == name for command, _ in commands), name
    for command, lines in commands:
        done = nnlab(*shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
        printed = [words(line) for line in (done.stdout + done.stderr).splitlines()]
        for line in lines:
            assert words(line) in printed, (line, printed)
