"""Runs of a study, in a worker process: train them, or go on with them, and measure them."""

import json
import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, SupportsFloat

from nnlab.errors import DataError
from nnlab.experiments import EXPERIMENTS
from nnlab.files import write_text
from nnlab.jobs.training import said, trained
from nnlab.runs.saved import SavedRun
from nnlab.study.load import load
from nnlab.study.results import Reading
from nnlab.study.study import Part
from nnlab.text import clipped

DIVERGED = "diverged"
PACKAGE = Path(__file__).parent.parent


class Fault(NamedTuple):
    """A run that could not be trained or measured.

    Attributes:
        run: its name.
        why: the reason, the same text for runs that failed in the same way.
        of_the_file: whether the study's file is to be corrected.
    """

    run: str
    why: str
    of_the_file: bool = False


class MeasureError(DataError):
    """A measure of a study failed, or yields something else than readings."""


def work(
    *,
    home: Path,
    study: str,
    digest: str,
    part: str,
    runs: Sequence[Mapping[str, Any]],
    command: str,
    threads: int = 1,
) -> list[Fault]:
    """Train runs that are not finished, and write the readings of each.

    It may be called again after a kill: the runs go on from their checkpoints.

    Args:
        home: the study's directory, or another folder in its place.
        study: what loads the study (`nnlab.study.load.load`).
        digest: SHA-256 of its file when it began.
        part: the name of its part.
        runs: for each run `keys`, the config key -> value; `run_dir`, its directory; and
            `measured`, the JSON file of its readings; both relative to `home`.
        command: the command that started the study, for run.json.
        threads: threads of runs that are trained together; they change no result.

    Returns:
        The runs that could not be trained or measured. The others are measured. A run that
        diverged is a result.

    Raises:
        UsageError: the study's file has changed.
    """
    of = next(each for each in load(study, digest).study.parts if each.name == part)
    wanted = {home / run["run_dir"]: run["keys"] for run in runs}
    ends = trained(EXPERIMENTS[of.experiment], wanted, command, threads)
    faults = []
    for run, end in zip(runs, ends, strict=True):
        try:
            write_text(home / run["measured"], _readings(of, end))
        except MeasureError as error:
            faults.append(Fault(Path(run["run_dir"]).name, str(error), of_the_file=True))
        except Exception as error:  # noqa: BLE001 - one run that fails leaves the others as they are
            faults.append(Fault(Path(run["run_dir"]).name, said(error)))
    return faults


def _readings(part: Part, end: SavedRun | Exception) -> str:
    """Return the JSON of the readings of a run; raise what ended it, if it failed."""
    if isinstance(end, Exception):
        raise end
    return json.dumps([[name, encoded(value), at] for name, value, at in measure(part, end)]) + "\n"


def measure(part: Part, saved: SavedRun) -> list[Reading]:
    """Return the readings of a finished run. One that diverged has nothing to measure but that."""
    if saved.record["status"] == DIVERGED:
        return [Reading(DIVERGED, 1)]
    found = [Reading(DIVERGED, 0)]
    for place, each in enumerate(part.measures, 1):
        try:
            found += map(_reading, each(saved))
        except Exception as error:
            name = f"measure {place} of part {part.name}, {_name(each)}"
            why = said(error).removeprefix(f"{saved.path}: ").replace(f"{saved.path}/", "")
            raise MeasureError(f"{name}, failed{_place(each, error)}: {why}") from error
    return found


def _reading(found: Any) -> Reading:  # noqa: ANN401 - a measure of the user's can yield anything
    """Return a reading as it is; raise DataError for something else."""
    if isinstance(found, Reading) and isinstance(found.value, SupportsFloat):
        return found
    shown = clipped(repr(found), 60)
    raise DataError(f"it yields {shown}; each should be a Reading: yield Reading(measure, value)")


def _name(measure: Callable[..., object]) -> str:
    """Return the name of a measure, or of the function that made it."""
    name = getattr(measure, "__qualname__", type(measure).__name__)
    return str(name).partition(".<locals>")[0]


def _place(measure: Callable[..., object], error: Exception) -> str:
    """Return the last line of the study's file at which `error` arose; "" if it arose elsewhere.

    A measure that nnlab made, such as final("rmse"), has its code in nnlab.
    """
    code = getattr(measure, "__code__", None)
    if code is None or Path(code.co_filename).is_relative_to(PACKAGE):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [each.lineno for each in frames if each.filename == code.co_filename]
    return f" at {code.co_filename}:{lines[-1] if lines else code.co_firstlineno}"


def encoded(value: float) -> float | str:
    """Return a number as JSON can hold it: text for inf and nan."""
    number = float(value)
    return number if math.isfinite(number) else str(number)
