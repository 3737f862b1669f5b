"""What the terminal can show."""

import os
import shutil
import sys

from nnlab.finding import Result

SIGNS = "³µ█→"  # in titles and in curves drawn in a terminal
NARROW = 60  # columns


def terminal() -> Result:
    """Whether stdout is a terminal, its width, its colours, and its encoding."""
    encoding = sys.stdout.encoding or "ascii"
    columns = shutil.get_terminal_size().columns
    if sys.stdout.isatty():
        seen = f"{os.environ.get('TERM', 'TERM is not set')}, {columns} columns, {_colours()}"
    else:
        seen = "stdout is not a terminal: plain text"
    seen += f", {encoding}"
    try:
        SIGNS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return Result(
            "warn", f"{seen} has no {SIGNS!a}", "set LANG=C.UTF-8 or PYTHONIOENCODING=utf-8"
        )
    if sys.stdout.isatty() and columns < NARROW:
        return Result("warn", seen, f"tables are cut: make it {NARROW} columns wide or more")
    return Result("ok", seen)


def _colours() -> str:
    """Return which colours are shown."""
    from rich.console import Console

    if "NO_COLOR" in os.environ:
        return "no colours (NO_COLOR)"
    system = Console().color_system
    return f"colours: {system}" if system else "no colours"
