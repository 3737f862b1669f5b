"""Print a table on stdout: fitted to a terminal, or whole and plain for a pipe."""

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence

from nnlab.console.stream import say
from nnlab.text import columns, printable


def in_terminal() -> bool:
    """Return whether stdout is a terminal that can show more than plain lines."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def split(name: str, cells: Iterable[str]) -> str:
    """Return a column's name, split into lines at underscores if it is wider than `cells`."""
    return name if len(name) <= max(map(len, cells), default=0) else name.replace("_", "_\n")


def print_heading(text: str) -> None:
    """Print a heading with an empty line above it; in a terminal it is bold."""
    if not in_terminal():
        say(f"\n{printable(text)}", sys.stdout)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    Console(markup=False, highlight=False, emoji=False).print(
        Text(f"\n{printable(text)}", style="bold")
    )


def print_text(text: str) -> None:
    """Print a paragraph: in a terminal on lines that end with a word, in a pipe on one line."""
    if not in_terminal():
        say(printable(text), sys.stdout)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    Console(markup=False, highlight=False, emoji=False).print(Text(printable(text)))


def print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    faint: Collection[int] = (),
    wrapped: Collection[str] = (),
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print a table.

    In a terminal the header is bold. If the table does not fit, the header is as narrow as its
    cells allow, and a cell that does not fit ends with an ellipsis. In a pipe nothing is cut: each
    row is one line that can be searched.

    Args:
        header: the names of the columns.
        rows: one text a column.
        right: the columns that are aligned to the right, as numbers are.
        faint: indices of the rows that are shown in grey.
        wrapped: the columns of sentences: where they do not fit, a terminal shows them on several
            lines, with an empty line between the rows.
        styles: the text of a cell -> its style in a terminal, in Rich's words.
    """
    clean = [[printable(cell) for cell in row] for row in rows]
    if not in_terminal():
        say(
            "\n".join(columns([list(header), *clean], right=[n in right for n in header])),
            sys.stdout,
        )
        return
    from rich.console import Console  # noqa: PLC0415 - for those who watch
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(markup=False, highlight=False, emoji=False)
    fits = console.width >= max(map(len, columns([list(header), *clean])))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(header):
        table.add_column(
            Text(name if fits else split(name, (row[index] for row in clean)), no_wrap=False),
            justify="right" if name in right else "left",
            no_wrap=bool(wrapped) and name not in wrapped,
        )  # fmt: skip
    spaced = wrapped and not fits
    for index, row in enumerate(clean):
        if spaced:
            table.add_row()
        cells = (
            Text(cell, (styles or {}).get(cell, ""), no_wrap=name not in wrapped,
                 overflow="fold" if name in wrapped else "ellipsis")
            for name, cell in zip(header, row, strict=True)
        )  # fmt: skip
        table.add_row(*cells, style="dim" if index in faint else "")
    console.print(table)
