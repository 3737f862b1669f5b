"""The file that a command is told to write: refuse what a rename would destroy."""

from pathlib import Path

from nnlab.errors import UsageError
from nnlab.paths import expanded


def output_file(asked: Path, example: str) -> Path:
    """Return the file that a user named with `-o`, ready for `nnlab.files.replacing`.

    A plain file there may be replaced; as root, so might a device such as /dev/null.

    Args:
        asked: the path as the user wrote it.
        example: a name for a file of this kind, for the message.

    Raises:
        UsageError: it is a folder, a device, a pipe or a socket, or lies in a run directory.
    """
    path = expanded(asked)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it: -o {path / example}")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is a device or a pipe; name a plain file, such as {example}")
    if inside := next((up for up in path.absolute().parents if (up / "run.json").is_file()), None):
        raise UsageError(
            f"{path} is in the run directory {inside}, where only its run writes; choose another "
            "place"
        )
    return path
