"""Explain why a folder lacks the files of Fashion-MNIST, and where similar files are."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from nnlab.text import printable

_MOST = 1000  # the most names to look at in one folder
_TOLD = 4  # the most files to name in a message, and folders to look into


def why_missing(folder: Path, missing: Sequence[str], has: Callable[[Path], bool]) -> str:
    """Return why `folder` lacks the files `missing`, and name files that are probably meant.

    Args:
        folder: The folder in which the files were expected.
        missing: The names of the missing files, without .gz or .xz.
        has: Returns whether a folder has all files.
    """
    if not os.path.lexists(folder):
        return "no such folder"
    if not folder.is_dir():
        return f"a file, not a folder with the four files; perhaps {printable(folder.parent)}?"
    lacks = f"no {', '.join(missing)} (.gz, plain or .xz)"
    if below := next(filter(has, _below(folder)), None):
        return f"{lacks}; the files are in {printable(below)}"
    near = [(name, path) for path in _inside(folder) for name in missing if _fits(path, name)]
    if near:
        told = "; ".join(_near(path, name) for name, path in near[:_TOLD])
        return f"{lacks}; {told}"
    return lacks


def _inside(folder: Path) -> list[Path]:
    """Return the first `_MOST` paths in `folder`; none if it cannot be read."""
    try:
        return sorted(islice(folder.iterdir(), _MOST))
    except OSError:
        return []


def _below(folder: Path) -> Iterator[Path]:
    """Yield the folders in `folder`, then the folders within the first of them."""
    children = [path for path in _inside(folder) if os.path.isdir(path)]  # noqa: PTH112 - see _inside
    yield from children
    for child in children[:_TOLD]:
        yield from (path for path in _inside(child) if os.path.isdir(path))  # noqa: PTH112


def _fits(path: Path, name: str) -> bool:
    """Whether `path` has the name `name`, apart from dots, capitals, a copy's number, a suffix."""
    return re.sub(r"[^a-z0-9]+", "-", path.name.lower()).startswith(name)


def _near(path: Path, name: str) -> str:
    if path.name.removesuffix(".gz").removesuffix(".xz") == name:
        return f"{printable(path.name)} exists, but is not a regular file"
    ending = path.suffix if path.suffix in {".gz", ".xz"} else ""
    return f"{printable(path.name)} has a similar name: rename it to {name}{ending}"
