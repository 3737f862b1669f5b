"""Paths as a person writes them: `~` is the home folder."""

from pathlib import Path

from nnlab.errors import UsageError
from nnlab.text import printable

NO_HOME = "begins with ~ and names no home folder; for a folder of that name write ./ before it"


def expanded(path: Path | str) -> Path:
    """Return `path` with a leading `~` as the home folder, which a shell does not always put in.

    Raises:
        UsageError: it begins with `~` and there is no such user, or no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UsageError(f"{printable(path)} {NO_HOME}") from None
