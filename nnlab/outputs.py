"""Check the place that a user names for an output, before anything is computed or replaced.

A file is written with a rename (`nnlab.files.replacing`), which replaces whatever has its name: as
root also a device such as /dev/null.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.text import printable


def output_path(
    asked: Path, flag: str, example: str, *, folder: bool = False, inputs: Iterable[Path] = ()
) -> Path:
    """Return the path of an output, which may replace what is there.

    Args:
        asked: the path as the user wrote it.
        flag: the flag that names it, for the message.
        example: a name for an output of this kind, for the message.
        folder: whether the output is a folder.
        inputs: files that the command reads.

    Raises:
        UsageError: a folder is where a file should be, or the reverse; it is a device, a pipe or a
            socket, or one of the inputs; it is in a run directory; or the folder above is missing.
    """
    path = expanded(asked)
    name = printable(path)
    if path.is_dir() and not folder:
        raise UsageError(
            f"{name} is a folder; name a file in it: {flag} {printable(path / example)}"
        )
    if path.exists() and folder and not path.is_dir():
        raise UsageError(f"{name} is not a folder; name a folder, such as {flag} {example}")
    if path.exists() and not (folder or path.is_file()):
        raise UsageError(f"{name} is a device or a pipe; name a plain file, such as {example}")
    if run := _run_around(path, folder=folder):
        raise UsageError(
            f"{name} is in the run directory {printable(run)}, where only its run writes; choose "
            "another place"
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"{flag} {name}: there is no folder {printable(path.parent)}; make it, or choose "
            "another place"
        )
    if path.exists() and any(each.exists() and path.samefile(each) for each in inputs):
        raise UsageError(f"{flag} {name} would replace an input; choose another name")
    return path


def new_output(
    asked: Path, flag: str, example: str, *, folder: bool = False, force: bool = False
) -> Path:
    """Return the path of an output, which must not exist unless it may be replaced.

    Args:
        asked: as in `output_path`; also the next three.
        flag: the flag that names it.
        example: a name for an output of this kind.
        folder: whether the output is a folder; an empty one does not count as existing.
        force: whether it may be replaced.

    Raises:
        UsageError: it exists; or as `output_path`.
    """
    path = output_path(asked, flag, example, folder=folder)
    empty = folder and path.is_dir() and not any(path.iterdir())
    if not force and (path.exists() or path.is_symlink()) and not empty:
        raise UsageError(f"{printable(path)} exists: --force replaces it, or choose another {flag}")
    return path


def _run_around(path: Path, *, folder: bool) -> Path | None:
    """Return the run directory that `path`, or what it links to, is in."""
    target = Path(os.path.realpath(path))
    inside = [Path(os.path.realpath(path.parent)), *target.parents, *[target] * folder]
    inside += inside[0].parents
    return next((up for up in inside if (up / "run.json").is_file()), None)
