"""Expand `~` in paths that a user writes."""

from pathlib import Path

from nnlab.errors import UsageError
from nnlab.text import printable

NO_HOME = (
    "starts with ~ but names no home folder; if the folder's name starts with ~, put ./ before it"
)


def expanded(path: Path | str) -> Path:
    """Return `path` with a leading `~` replaced by the home folder; a shell does not always do it.

    Raises:
        UsageError: it starts with `~`, and there is no such user or no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UsageError(f"{printable(path)} {NO_HOME}") from None
