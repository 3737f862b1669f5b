"""A file that was given to the wrong experiment, or to the wrong option."""

from pathlib import Path

from nnlab.config.resolve import fits_better
from nnlab.config.yamlfile import Entries
from nnlab.errors import UsageError
from nnlab.experiments import Experiment, configs
from nnlab.sweep.options import Options
from nnlab.text import printable


def refuse_other(path: Path | None, row: Experiment, file: Entries) -> None:
    """Raise UsageError if a file is the config of a run, or a sweep of another experiment.

    Args:
        path: the file, for the message.
        row: the experiment of the command line.
        file: its content.
    """
    alien = file.keys() - Options.model_fields.keys()
    for name, model in configs().items():
        if "space" not in file and alien and file.keys() <= model.model_fields.keys():
            raise UsageError(
                f"{path}: this is a config of nnlab {name}, not the file of a sweep: use "
                f"--base {path}"
            )
    said = file.get("experiment")
    if said and isinstance(said.value, str) and said.value != row.name:
        other = printable(said.value)
        raise UsageError(
            f"{said.where}: this is a sweep of {other}, not of {row.name}; give the file to "
            f"nnlab sweep {other}"
        )
    space = file["space"].value if "space" in file else None
    better = fits_better(row.config, space, configs()) if isinstance(space, Entries) else None
    if better and not said:
        raise UsageError(
            f"{path} looks like a space of {better}, not of {row.name}; give the file to "
            f"nnlab sweep {better}"
        )
