"""Text for people: made safe to print, and aligned in columns."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

NO_BREAK = "\N{NO-BREAK SPACE}"


def printable(text: object) -> str:
    """Return `text` on one line, with control characters and lone surrogates escaped."""
    if (whole := str(text)).isprintable():
        return whole
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in whole)


def clipped(text: str, most: int) -> str:
    """Return `text`, or its start and end if it has more than `most` characters."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 5]} ... {text[-end:]}"


def span(seconds: float) -> str:
    """Return a time span with two digits, in its natural unit: 0.35 s, 9.2 min, 34 h, 12 d."""
    for length, unit in ((60, "s"), (60, "min"), (48, "h")):
        if seconds < length:
            return f"{seconds:.2g} {unit}"
        seconds /= length if unit != "h" else 24
    return f"{seconds:,.0f} d"


def size(count: int) -> str:
    """Return a number of bytes in its natural unit: 541 bytes, 2.2 kB, 12 MB."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            return f"{count / 10**power:.3g} {unit}"
    return f"{count} bytes"


def from_name(text: str, folder: Path) -> str:
    """Return `text` in which the paths in `folder` begin with its name: "runs/a" for "/x/runs/a".

    So what is told of a file is the same wherever the folder is, and however it was typed.
    """
    for path in (folder.resolve(), folder.absolute(), folder):
        whole = rf"(?<![\w./~-]){re.escape(str(path))}(?![\w-]|\.\w)"
        text = re.sub(whole, lambda _: folder.name, text)
    return text


def listed(names: Sequence[str], most: int = 10) -> str:
    """Return the first names, each clipped, and the number of the other names."""
    more = f" and {len(names) - most:,} more" * (len(names) > most)
    return ", ".join(clipped(name, 60) for name in names[:most]) + more


def columns(rows: Sequence[Sequence[str]], *, right: bool | Sequence[bool] = False) -> list[str]:
    """Return one line per row, in aligned columns.

    `right` says of each column whether it is aligned to the right; True: all but the first.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if isinstance(right, bool):
        right = [False, *[right] * (len(widths) - 1)]
    align = [str.rjust if each else str.ljust for each in right]
    return [
        "  ".join(
            f(cell, width) for f, cell, width in zip(align, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def rerun_command(experiment: str, path: Path) -> str:
    """Return the command, ready to paste into a shell, that reruns the run in `path`."""
    return shlex.join(["nnlab", experiment, "--config", str(path / "config.yaml")])


def resume_line(path: Path) -> str:
    """Return the command, ready to paste into a shell, that resumes the run in `path`."""
    return shlex.join(["nnlab", "resume", str(path)])


def entry(name: str, index: Sequence[int]) -> str:
    """Return what to call a number of an array: W2[4,1].

    Args:
        name: of the array.
        index: NumPy's, from 0. The printed one counts from 1, as in mathematics.
    """
    return f"{name}[{','.join(str(at + 1) for at in index)}]" if index else name
