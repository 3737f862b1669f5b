"""Where an export is written, and what it may replace."""

from pathlib import Path

from nnlab.errors import UsageError
from nnlab.exports.formats import FORMATS, Format
from nnlab.inputs import STDIN
from nnlab.outputs import output_path

MARK = Path("assets.extra/nnlab.json")  # in an exported folder; TensorFlow leaves that place free


def destination(run: Path, form: Format, asked: Path | None) -> Path:
    """Return the path of an export of the run directory `run`.

    It is `asked`, or else in the current folder the name of the run with the format's suffix.

    Raises:
        UsageError: it is standard output, or has the suffix of another format; or something there
            must not be replaced: a file that was not named, or a folder that is not an export; or
            as `nnlab.outputs.output_path`.
    """
    if asked:
        _check_name(asked, form)
    name = run.absolute().name + form.suffix
    path = output_path(asked or Path(name), "-o", name, folder=form.is_folder)
    if form.is_folder and path.is_symlink():
        raise UsageError(f"{path} is a link, and is not replaced: choose another -o")
    if path.is_dir() and asked and not (path / MARK).is_file():
        raise UsageError(
            f"{path} is a folder that nnlab did not export, and is not replaced: choose another -o"
        )
    if not asked and (path.exists() or path.is_symlink()):
        raise UsageError(f"{path} exists: replace it with -o {path}, or choose another -o")
    return path


def _check_name(path: Path, form: Format) -> None:
    """Refuse standard output, and a name with the suffix of another format."""
    if path == STDIN:
        raise UsageError("-o -: an export is a file: name one")
    for name, other in FORMATS.items():
        if other is not form and path.suffix.lower() == other.suffix:
            raise UsageError(
                f"-o {path}: {other.suffix} is the suffix of another format: take --format {name}, "
                f"or a name that ends in {form.suffix}"
            )
