"""Write a step as a LaTeX document, which needs the packages amsmath and geometry only."""

import re
from collections.abc import Iterator

from nnlab.cubic.worked.page import Page
from nnlab.cubic.worked.sheet import Line
from nnlab.reports.parts import Table
from nnlab.text import printable

HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[fleqn]{amsmath}
\usepackage[margin=2cm]{geometry}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\begin{document}"""
BLANK = r"\underline{\hspace{3cm}}"
MOST = 72  # characters of an expression in a row
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", '"': r"\textquotedbl{}",
}  # fmt: skip
TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?e-?\d+)"
    r"|(?P<of_what>new_|rest_)?(?P<d>d(?=[Wb]))?(?P<name>[Wbzhd])(?P<layer>[123])"
    r"(?P<index>\[[\dij,]+\])?(?P<sample>\(\d+\))?"
    r"|(?P<single>[xyfe])(?P<of>\(\d+\))"
    r"|rest_L"
    r"|(?P<transposed>\^T)"
    r"|(?P<exp>exp)(?=\()"
    r"|(?P<word>lr\b|[a-z]{2,}\b(?: [a-z]{2,}\b)*)"
    r"|(?P<times> \* )"
)


def latex(page: Page, blank: bool) -> str:
    """Return a document; `blank` leaves the results out, and the numbers that would tell them."""
    lines = [HEAD, rf"\section*{{{escaped(page.title)}}}"]
    for note in page.notes:
        lines += ["", escaped(note)]
    for table in page.tables:
        lines += ["", rf"\subsection*{{{escaped(table.title)}}}", *_table(table)]
    if page.reading:
        lines += ["", escaped(page.reading)]
    if page.given:
        lines += ["", r"\subsection*{Given}", r"\begin{gather*}"]
        rows = [r", \quad ".join(f"{math(name)} = {math(v)}" for name, v in r) for r in page.given]
        lines += [" \\\\\n".join(rows), r"\end{gather*}"]
    part = ""
    for section in page.sections:
        if section.part != part:
            lines += ["", rf"\subsection*{{{section.part}}}"]
        part = section.part
        lines += ["", f"${math(section.equation)}$", r"\begin{align*}"]
        lines += [" \\\\\n".join(_rows(line, blank=blank) for line in section.lines)]
        lines += [r"\end{align*}"]
    return "\n".join([*lines, r"\end{document}"])


def math(text: str) -> str:
    """Return a formula for LaTeX's math mode."""
    return TOKEN.sub(_token, text)


def escaped(text: str) -> str:
    """Return text that LaTeX shows as it is: a run or a student may have any name."""
    return "".join(SPECIAL.get(c, c) for c in printable(text))


def _token(found: re.Match[str]) -> str:
    if number := found["number"]:
        digits, power = number.split("e")
        return rf"({digits} \cdot 10^{{{power}}})"
    if found["name"]:
        new = rf"^{{\mathrm{{{found['of_what'][:-1]}}}}}" if found["of_what"] else ""
        name = f"{found['d'] or ''}{found['name']}_{{{found['layer']}}}{new}{found['index'] or ''}"
        return f"{{{name}^{{{found['sample']}}}}}" if found["sample"] else name
    if found["single"]:
        return f"{{{found['single']}^{{{found['of']}}}}}"  # in braces: a power may follow
    if found["word"] == "lr":
        return r"\mathit{lr}"
    if word := found["word"]:
        return rf"\text{{ {word} }}"
    rest = r"L^{\mathrm{rest}}"
    return {"rest_L": rest, "^T": "^{T}", "exp": r"\exp", " * ": r" \cdot "}[found[0]]


def _rows(line: Line, *, blank: bool) -> str:
    """Return a line as rows of `align*`; a long expression has a row for each term."""
    expression = line.symbols if blank else line.numbers
    result = BLANK if blank else math(line.result)
    if len(expression) <= MOST:
        return f"{math(line.name)} &= {math(expression)} = {result}"
    first, *others = _terms(expression)
    rows = [f"{math(line.name)} &= {math(first)}", *(rf"&\quad {math(each)}" for each in others)]
    return " \\\\\n".join([*rows, f"&= {result}"])


def _terms(expression: str) -> Iterator[str]:
    """Yield the terms of a sum, each with its sign; those in parentheses are left together."""
    start = depth = 0
    for at, character in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and expression[at : at + 3] in {" + ", " - "}:
            yield expression[start:at]
            start = at + 1
    yield expression[start:]


def _table(table: Table) -> Iterator[str]:
    aligned = "".join("r" if name in table.right else "l" for name in table.header)
    yield rf"{{\footnotesize\begin{{tabular}}{{{aligned}}}"
    yield " & ".join(map(escaped, table.header)) + r" \\ \hline"
    for row in table.rows:
        yield " & ".join(rf"\texttt{{{escaped(cell)}}}" for cell in row) + r" \\"
    yield r"\end{tabular}}"
