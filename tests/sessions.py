"""The commands that a page of the docs shows, and the lines that it shows below each."""

import re
from dataclasses import dataclass, field
from textwrap import dedent

BLOCK = re.compile(r"^ *```text\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?(?: (?:s|min|h)\b)?")
EXIT = re.compile(r"# ends with exit code (\d+)")
PICTURE = re.compile(r"<!-- from (\S+) -->\n!\[[^]]+\]\(images/([\w-]+\.png)\)")


@dataclass(frozen=True)
class Shown:
    """A command of a page.

    Attributes:
        command: The line after `$ `.
        code: Its exit code: 0, or what a comment above it says.
        lines: The lines of its output that the page shows.
    """

    command: str
    code: int = 0
    lines: list[str] = field(default_factory=list)


def session(page: str) -> list[Shown]:
    """Return the commands of the text blocks of a page, in order."""
    shown: list[Shown] = []
    code = 0
    for block in BLOCK.findall(page):
        for line in dedent(block).splitlines():
            if line.startswith("$ "):
                shown.append(Shown(line[2:], code))
                code = 0
            elif told := EXIT.match(line):
                code = int(told[1])
            elif line and not line.startswith(("#", "...")):
                shown[-1].lines.append(line)
    return shown


def words(line: str) -> str:
    """Return a line without its numbers and its widths, which differ from machine to machine."""
    return " ".join(NUMBER.sub("N", line).split())


def numbers(line: str) -> list[float]:
    """Return the numbers of a line, without their units."""
    return [float(text.split()[0].replace(",", "").rstrip(".")) for text in NUMBER.findall(line)]
