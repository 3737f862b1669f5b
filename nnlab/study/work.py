"""One run of a study, in a worker process: train it, or go on with it, and measure it."""

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnlab.config.changes import resolve_again
from nnlab.config.resolve import resolve
from nnlab.errors import DivergedError
from nnlab.experiments import EXPERIMENTS, Experiment, configs, launch
from nnlab.files import write_text
from nnlab.runs.saved import SavedRun
from nnlab.study.load import load
from nnlab.study.results import Reading
from nnlab.study.study import Part

DIVERGED = "diverged"


def work(
    *, study: str, part: str, keys: Mapping[str, Any], run_dir: str, measured: str, command: str
) -> None:
    """Train the run in `run_dir`, unless it is finished, and write its readings to `measured`.

    It may be called again after a kill: the run goes on from its checkpoint.

    Args:
        study: what loads the study (`nnlab.study.load.load`).
        part: the name of its part.
        keys: config key -> value.
        run_dir: the run directory.
        measured: the JSON file of the readings.
        command: the command that started the study, for run.json.

    Raises:
        NnlabError: the run cannot be trained, or is damaged. A run that diverged is a result.
    """
    of = next(each for each in load(study).study.parts if each.name == part)
    saved = trained(EXPERIMENTS[of.experiment], Path(run_dir), keys, command)
    readings = [[name, encoded(value), at] for name, value, at in measure(of, saved)]
    write_text(Path(measured), json.dumps(readings) + "\n")


def trained(experiment: Experiment, path: Path, keys: Mapping[str, Any], command: str) -> SavedRun:
    """Return the run in `path`: finished already, gone on with, or trained from the start.

    Raises:
        NnlabError: as `nnlab.experiments.launch`, except DivergedError.
    """
    if path.is_dir() and not (path / "run.json").exists():
        shutil.rmtree(path)  # killed while the directory was made: nothing was trained
    resume = path.is_dir()
    if resume and SavedRun(path).record["status"] in {"completed", DIVERGED}:
        return SavedRun(path)
    if resume:
        resolved = resolve_again(experiment.config, path, {})
    else:
        resolved = resolve(experiment.config, None, keys, configs())
    try:
        return launch(
            experiment, resolved, command=command, run_dir=path, resume=resume, pictures=False
        )
    except DivergedError:
        return SavedRun(path)


def measure(part: Part, saved: SavedRun) -> list[Reading]:
    """Return the readings of a finished run. One that diverged has nothing to measure but that."""
    if saved.record["status"] == DIVERGED:
        return [Reading(DIVERGED, 1)]
    return [Reading(DIVERGED, 0), *(reading for each in part.measures for reading in each(saved))]


def encoded(value: float) -> float | str:
    """Return a number as JSON can hold it: text for inf and nan."""
    number = float(value)
    return number if math.isfinite(number) else str(number)
