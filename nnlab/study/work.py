"""Runs of a study, in a worker process: train them, or go on with them, and measure them."""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlab.config.changes import resolve_again
from nnlab.config.resolve import Resolved, resolve
from nnlab.errors import DivergedError, NnlabError
from nnlab.experiments import EXPERIMENTS, Experiment, configs, launch_together
from nnlab.files import write_text
from nnlab.runs.saved import SavedRun
from nnlab.study.load import load
from nnlab.study.results import Reading
from nnlab.study.study import Part

DIVERGED = "diverged"


def work(
    *,
    study: str,
    digest: str,
    part: str,
    runs: Sequence[Mapping[str, Any]],
    command: str,
    threads: int = 1,
) -> list[str]:
    """Train runs that are not finished, and write the readings of each.

    It may be called again after a kill: the runs go on from their checkpoints.

    Args:
        study: what loads the study (`nnlab.study.load.load`).
        digest: SHA-256 of its file when it began.
        part: the name of its part.
        runs: for each run `keys`, the config key -> value; `run_dir`, its directory; and
            `measured`, the JSON file of its readings.
        command: the command that started the study, for run.json.
        threads: threads of runs that are trained together; they change no result.

    Returns:
        Why a run could not be trained or measured, a line for each such run. The others are
        measured. A run that diverged is a result.

    Raises:
        UsageError: the study's file has changed.
    """
    of = next(each for each in load(study, digest).study.parts if each.name == part)
    wanted = {Path(run["run_dir"]): run["keys"] for run in runs}
    ends = trained(EXPERIMENTS[of.experiment], wanted, command, threads)
    faults = []
    for run, end in zip(runs, ends, strict=True):
        try:
            write_text(Path(run["measured"]), _readings(of, end))
        except Exception as error:  # noqa: BLE001 - a measure of the user's can fail in any way
            expected = isinstance(error, NnlabError | OSError)
            kind = "" if expected else f"{type(error).__name__}: "
            faults.append(f"{Path(run['run_dir']).name}: {kind}{error}")
    return faults


def _readings(part: Part, end: SavedRun | Exception) -> str:
    """Return the JSON of the readings of a run; raise what ended it, if it failed."""
    if isinstance(end, Exception):
        raise end
    return json.dumps([[name, encoded(value), at] for name, value, at in measure(part, end)]) + "\n"


def trained(
    experiment: Experiment,
    wanted: Mapping[Path, Mapping[str, Any]],
    command: str,
    threads: int = 1,
) -> list[SavedRun | Exception]:
    """Return each run, finished already, gone on with, or trained; or what it raised.

    Args:
        experiment: the row of the table.
        wanted: run directory -> the config keys of a new run.
        command: as in `work`.
        threads: as in `work`.
    """
    ends: dict[Path, SavedRun | Exception] = {}
    open_runs: dict[Path, tuple[Resolved[Any], bool]] = {}
    for path, keys in wanted.items():
        try:
            if _finished(path):
                ends[path] = SavedRun(path)
            else:
                open_runs[path] = _config(experiment, path, keys)
        except NnlabError as error:
            ends[path] = error
    made = launch_together(
        experiment, [resolved for resolved, _ in open_runs.values()], command=command,
        run_dirs=list(open_runs), resume=[resume for _, resume in open_runs.values()],
        pictures=False, threads=threads,
    )  # fmt: skip
    for path, end in zip(open_runs, made, strict=True):
        ends[path] = SavedRun(path) if isinstance(end, DivergedError) else end
    return [ends[path] for path in wanted]


def _finished(path: Path) -> bool:
    """Return whether the run in `path` is finished; remove it if it was killed before it began."""
    if path.is_dir() and not (path / "run.json").exists():
        shutil.rmtree(path)  # killed while the directory was made: nothing was trained
    return path.is_dir() and SavedRun(path).record["status"] in {"completed", DIVERGED}


def _config(
    experiment: Experiment, path: Path, keys: Mapping[str, Any]
) -> tuple[Resolved[Any], bool]:
    """Return the config of a run that is not finished, and whether it goes on."""
    if path.is_dir():
        return resolve_again(experiment.config, path, {}), True
    return resolve(experiment.config, None, keys, configs()), False


def measure(part: Part, saved: SavedRun) -> list[Reading]:
    """Return the readings of a finished run. One that diverged has nothing to measure but that."""
    if saved.record["status"] == DIVERGED:
        return [Reading(DIVERGED, 1)]
    return [Reading(DIVERGED, 0), *(reading for each in part.measures for reading in each(saved))]


def encoded(value: float) -> float | str:
    """Return a number as JSON can hold it: text for inf and nan."""
    number = float(value)
    return number if math.isfinite(number) else str(number)
