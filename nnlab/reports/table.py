"""Print a table on stdout: fitted to a terminal, or whole and plain for a pipe."""

import os
import sys
from collections.abc import Collection, Sequence

from nnlab.console.stream import say
from nnlab.text import columns, printable


def print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    faint: Collection[int] = (),
) -> None:
    """Print a table.

    In a terminal the header is bold, and a cell that does not fit ends with an ellipsis. In a pipe
    nothing is cut: each row is one line that can be searched.

    Args:
        header: the names of the columns.
        rows: one text a column.
        right: the columns that are aligned to the right, as numbers are.
        faint: indices of the rows that are shown in grey.
    """
    clean = [[printable(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        say(
            "\n".join(columns([list(header), *clean], right=[n in right for n in header])),
            sys.stdout,
        )
        return
    from rich.console import Console  # noqa: PLC0415 - for those who watch
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(
            Text(name), justify="right" if name in right else "left", no_wrap=True,
            overflow="ellipsis",
        )  # fmt: skip
    for index, row in enumerate(clean):
        table.add_row(*map(Text, row), style="dim" if index in faint else "")
    Console(markup=False, highlight=False, emoji=False).print(table)
