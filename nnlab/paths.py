"""What a person means by a path: `~` is the home folder, and a run has more than one name."""

import os
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.past import RUNS
from nnlab.text import printable

NO_HOME = "begins with ~ and names no home folder; for a folder of that name write ./ before it"
_FILES = ("config.yaml", "run.json")  # of a run directory


def expanded(path: Path | str) -> Path:
    """Return `path` with a leading `~` as the home folder, which a shell does not always put in.

    Raises:
        UsageError: it begins with `~` and there is no such user, or no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UsageError(f"{printable(path)} {NO_HOME}") from None


def run_of(path: Path) -> Path:
    """Return the run directory that is meant: itself, `runs/NAME`, or the folder of its files."""
    path = expanded(path)
    meant = path.parent if path.name in _FILES else path
    runs = (run for run in (meant, RUNS / meant) if _is_file(run / "run.json"))
    return next(runs, path)


def config_of(path: Path) -> Path:
    """Return the config file that is meant: itself, or the config.yaml of a run."""
    path = expanded(path)
    config = run_of(path) / "config.yaml"
    plain = _is_file(path) and path.name != "run.json"
    return config if not plain and _is_file(config) else path


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path's raises for a name that cannot be
