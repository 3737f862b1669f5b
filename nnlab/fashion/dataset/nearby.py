"""Say why a folder does not have the files of Fashion-MNIST, and what near it may be them."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from nnlab.text import printable

_MOST = 1000  # names that are looked at in one folder
_TOLD = 4  # names that are told


def why_missing(folder: Path, missing: Sequence[str], has: Callable[[Path], bool]) -> str:
    """Return why `folder` lacks the files `missing`; it names the files that nearly fit.

    Args:
        folder: where they were looked for.
        missing: their names, without .gz or .xz.
        has: whether a folder has all files.
    """
    if not os.path.lexists(folder):
        return "no such folder"
    if not folder.is_dir():
        return f"a file, not the folder that holds the four; perhaps {printable(folder.parent)}?"
    lacks = f"no {', '.join(missing)} (.gz, plain or .xz)"
    if below := next(filter(has, _below(folder)), None):
        return f"{lacks}; the files are in {printable(below)}"
    near = [(name, path) for path in _inside(folder) for name in missing if _fits(path, name)]
    if near:
        told = "; ".join(_near(path, name) for name, path in near[:_TOLD])
        return f"{lacks}; {told}"
    return lacks


def _inside(folder: Path) -> list[Path]:
    """Return what `folder` has, of very much the first; nothing where we may not look."""
    try:
        return sorted(islice(folder.iterdir(), _MOST))
    except OSError:
        return []


def _below(folder: Path) -> Iterator[Path]:
    """Yield the folders in `folder`, and those in them."""
    children = [path for path in _inside(folder) if os.path.isdir(path)]  # noqa: PTH112 - see _inside
    yield from children
    for child in children[:_TOLD]:
        yield from (path for path in _inside(child) if os.path.isdir(path))  # noqa: PTH112


def _fits(path: Path, name: str) -> bool:
    """Whether the name of `path` is `name` but for dots, capitals, a copy's number, an ending."""
    return re.sub(r"[^a-z0-9]+", "-", path.name.lower()).startswith(name)


def _near(path: Path, name: str) -> str:
    if path.name.removesuffix(".gz").removesuffix(".xz") == name:
        return f"{printable(path.name)} is there, and is not a plain file"
    ending = path.suffix if path.suffix in {".gz", ".xz"} else ""
    return f"{printable(path.name)} nearly fits: rename it to {name}{ending}"
