"""Write pictures into a folder that is not a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nnlab import files, inputs
from nnlab.errors import UsageError
from nnlab.outputs import output_path
from nnlab.text import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MADE_BY = "nnlab"  # in the text of a PNG, under "Software"
HEAD = 4096  # bytes before the pixels of a PNG


def write_pictures(
    folder: Path, figures: Mapping[str, "Figure"], *, replace: bool = False
) -> list[Path]:
    """Write figures as PNG files into `folder`, which is made if it is missing.

    Args:
        folder: the folder.
        figures: the figures by file name.
        replace: whether to replace a file that nnlab did not make, because the user named it.

    Returns:
        The paths of the files.

    Raises:
        UsageError: there is such a file, or as `output_path`; nothing was written then.
        OSError: a file cannot be written.
    """
    from nnlab.plots import write_png  # noqa: PLC0415 - loads Matplotlib

    folder = output_path(folder, "-o", "pictures", folder=True)
    paths = [folder / name for name in figures]
    for path in paths if folder.exists() else ():
        output_path(path, "-o", path.name)
        if not replace and path.exists() and not is_ours(path):
            raise UsageError(
                f"{printable(path)} is not a picture that nnlab made: move it away, or name the "
                f"folder to replace it: -o {printable(folder)}"
            )
    folder.mkdir(exist_ok=True)
    for path, figure in zip(paths, figures.values(), strict=True):
        with files.replacing(path) as file:
            write_png(figure, file, MADE_BY)
    return paths


def is_ours(path: Path) -> bool:
    """Return whether `path` is a PNG that `write_pictures` wrote: its text says so at its start."""
    try:
        with inputs.open_plain(path) as file:
            start = file.read(HEAD)
    except (OSError, ValueError):
        return False
    return start.startswith(b"\x89PNG") and f"Software\0{MADE_BY}".encode() in start
