"""Write a step as text or Markdown; `nnlab.cubic.worked.latex` writes it as LaTeX."""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from nnlab.cubic.worked.latex import latex
from nnlab.cubic.worked.page import Page
from nnlab.cubic.worked.sheet import Line, Section
from nnlab.reports.parts import Table
from nnlab.text import columns, printable

StepFormat = Literal["text", "markdown", "latex"]
SUFFIXES: dict[StepFormat, str] = {"text": ".txt", "markdown": ".md", "latex": ".tex"}
WIDTH = 80  # of a paragraph
BLANK = "________"


def written(page: Page, form: StepFormat, *, blank: bool = False) -> str:
    """Return the page in a format, without a newline at its end.

    Args:
        page: the page.
        form: the format.
        blank: whether to leave out the results, and the numbers that would tell them.
    """
    write: dict[StepFormat, Callable[[Page, bool], str]] = {
        "text": _text, "markdown": _markdown, "latex": latex,
    }  # fmt: skip
    return write[form](page, blank)


def equation(line: Line, *, blank: bool) -> str:
    """Return `name = numbers = result`, or `name = symbols = ________`."""
    if blank:
        return f"{line.name} = {line.symbols} = {BLANK}"
    return f"{line.name} = {line.numbers} = {line.result}"


def _text(page: Page, blank: bool) -> str:
    title = printable(page.title)
    lines = [title, "=" * len(title)]
    for note in page.notes:
        lines += ["", *_wrapped(note)]
    for table in page.tables:
        cells = columns([table.header, *table.rows], right=_right(table))
        lines += ["", table.title, "", *(f"  {row}" for row in cells)]
    if page.reading:
        lines += ["", *_wrapped(page.reading)]
    if page.given:
        lines += ["", "Given", "", *(f"  {row}" for row in _given(page))]
    for part, sections in _parts(page.sections):
        lines += ["", part]
        for section in sections:
            lines += ["", f"  {section.equation}"]
            lines += [f"    {equation(line, blank=blank)}" for line in section.lines]
    return "\n".join(lines)


def _wrapped(note: str) -> list[str]:
    return textwrap.wrap(printable(note), WIDTH, break_on_hyphens=False)


def _markdown(page: Page, blank: bool) -> str:
    lines = [f"# {_escaped(page.title)}"]
    for note in page.notes:
        lines += ["", _escaped(note)]
    for table in page.tables:
        bars = ["---:" if name in table.right else "---" for name in table.header]
        rows = [table.header, bars, *([_cell(each) for each in row] for row in table.rows)]
        lines += ["", f"## {table.title}", "", *(f"| {' | '.join(row)} |" for row in rows)]
    if page.reading:
        lines += ["", _escaped(page.reading)]
    if page.given:
        lines += ["", "## Given", "", "```text", *_given(page), "```"]
    for part, sections in _parts(page.sections):
        lines += ["", f"## {part}"]
        for section in sections:
            lines += ["", f"`{section.equation}`", "", "```text"]
            lines += [equation(line, blank=blank) for line in section.lines]
            lines += ["```"]
    return "\n".join(lines)


def _given(page: Page) -> Iterator[str]:
    for row in page.given:
        yield ", ".join(f"{name} = {value}" for name, value in row)


def _parts(sections: Sequence[Section]) -> Iterator[tuple[str, list[Section]]]:
    for part, group in groupby(sections, key=lambda section: section.part):
        yield part, list(group)


def _right(table: Table) -> list[bool]:
    return [name in table.right for name in table.header]


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is: a run or a student may have any name."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", printable(text))


def _cell(text: str) -> str:
    """Return a cell of a table: a formula is not to be read as Markdown."""
    return f"`{text}`" if re.search(r"[*_\[\]^]", text) else text
