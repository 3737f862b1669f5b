"""Train runs in a worker process: new ones, and those that were begun."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnlab.config.changes import resolve_again
from nnlab.config.resolve import Resolved, resolve
from nnlab.errors import DivergedError, NnlabError
from nnlab.experiments import Experiment, configs, launch_together
from nnlab.runs.saved import SavedRun
from nnlab.text import from_name


def trained(
    experiment: Experiment,
    wanted: Mapping[Path, Mapping[str, Any]],
    command: str,
    threads: int = 1,
    until: int | None = None,
) -> list[SavedRun | Exception]:
    """Return each run, finished already, gone on with, or trained; or what it raised.

    With `until`, a run that has so many log points is finished for now, and is not touched.

    Args:
        experiment: the row of the table.
        wanted: run directory -> the config keys of a new run.
        command: what started the runs, for run.json.
        threads: threads of runs that are trained together; they change no result.
        until: pause each run once it has so many log points.
    """
    ends: dict[Path, SavedRun | Exception] = {}
    open_runs: dict[Path, tuple[Resolved[Any], bool]] = {}
    for path, keys in wanted.items():
        try:
            if _finished(path, until):
                ends[path] = SavedRun(path)
            else:
                open_runs[path] = _config(experiment, path, keys)
        except NnlabError as error:
            ends[path] = error
    made = launch_together(
        experiment, [resolved for resolved, _ in open_runs.values()], command=command,
        run_dirs=list(open_runs), resume=[resume for _, resume in open_runs.values()],
        pictures=False, threads=threads, until=until,
    )  # fmt: skip
    for path, end in zip(open_runs, made, strict=True):
        ends[path] = SavedRun(path) if isinstance(end, DivergedError) else end
    return [ends[path] for path in wanted]


def _finished(path: Path, until: int | None) -> bool:
    """Return whether the run in `path` is finished; remove it if it was killed before it began.

    A run that stopped in order, with `until` log points or more, counts as finished.
    """
    if path.is_dir() and not (path / "run.json").exists():
        shutil.rmtree(path)  # killed while the directory was made: nothing was trained
    if not path.is_dir():
        return False
    saved = SavedRun(path)
    if saved.record["status"] in {"completed", "diverged"}:
        return True
    if until is None or saved.record["status"] != "interrupted":
        return False
    return len(next(iter(saved.metrics.values()), ())) >= until


def _config(
    experiment: Experiment, path: Path, keys: Mapping[str, Any]
) -> tuple[Resolved[Any], bool]:
    """Return the config of a run that is not finished, and whether it goes on."""
    if path.is_dir():
        return resolve_again(experiment.config, path, {}), True
    return resolve(experiment.config, None, keys, configs()), False


def place(error: Exception, folder: Path) -> None:
    """Let the paths in `folder` that an error names begin with the folder's name.

    Another machine has another folder in its place; what is told is the same.
    """
    error.args = tuple(from_name(a, folder) if isinstance(a, str) else a for a in error.args)
    if isinstance(error, OSError) and error.filename is not None:
        error.filename = from_name(os.fsdecode(error.filename), folder)


def said(error: Exception) -> str:
    """Return what an error says, after its kind if it is none that nnlab words itself."""
    expected = isinstance(error, NnlabError | OSError)
    return str(error) if expected else f"{type(error).__name__}: {error}"
