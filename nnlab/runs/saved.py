"""Read the run.json of a run that is there, whoever wrote it."""

import json
import math
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from nnlab import inputs
from nnlab.config.faults import first_fault
from nnlab.errors import UsageError
from nnlab.text import clipped, printable

RUNS = Path("runs")
MAX_BYTES = 1_000_000  # of a run.json; ours are a page
MOST_DIGITS = 20  # of a whole number

Record = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Named(_Part):
    name: str


class _Device(_Part):
    used: str = ""


class _Resume(_Part):
    command: str = ""
    versions: dict[str, str] = {}
    machine: dict[str, Any] = {}


class _Known(_Resume):
    """The types of what others read in a run.json; one that is not from nnlab fails here."""

    experiment: str
    status: Literal["running", "completed", "interrupted", "diverged", "failed"]
    command: str
    seed: int = 0
    error: str = ""
    data: _Named | None = None
    device: _Device = _Device()
    process: dict[str, str | int] = {}
    resumed: list[_Resume] = []
    notes: list[str] = []
    inputs: dict[Literal["init_from", "points"], str] = {}
    summary: dict[str, float] = {}
    verdict: str = ""


def read_record(path: Path) -> Record:
    """Return what run.json says of the run in the directory `path`.

    Raises:
        UsageError: there is no run, or its run.json is not one.
    """
    try:
        record = json.loads(
            inputs.read(path / "run.json", MAX_BYTES, "a run.json"),
            parse_int=_whole,
        )
        _refuse_infinite(record)
        _Known.model_validate(record)
    except FileNotFoundError:
        raise UsageError(f"{path}: {_why_no_run(path)}") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        reason = first_fault(error) if isinstance(error, ValidationError) else error
        raise UsageError(f"{path / 'run.json'} is damaged, or not from nnlab: {reason}") from None
    return dict(record)


def _whole(text: str) -> float:
    """Return a whole number; infinity for one of so many digits that nnlab never wrote it."""
    return int(text) if len(text) <= MOST_DIGITS else math.inf


def _refuse_infinite(value: object, name: str = "") -> None:
    """Raise ValueError for a number in `value` that is not finite, with its key."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{clipped(name, 60)} should be a finite number of few digits")
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_infinite(item, f"{name}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_infinite(item, f"{name}[{index}]")


def _why_no_run(path: Path) -> str:
    if (path / "config.yaml").is_file():
        return "this run was killed before it began; start it anew from its config.yaml"
    if path.is_dir():
        return f"no run of nnlab (it has no run.json); near it: {_near(path)}"
    return f"no such run directory; near it: {_near(path)}"


def _near(path: Path) -> str:
    """Return the runs that a person may have meant."""
    folders = (path, path.parent, path.parent.parent, RUNS)
    runs = {str(record.parent) for folder in folders for record in folder.glob("*/run.json")}
    return ", ".join(map(printable, sorted(runs)[-5:])) or "no runs"
