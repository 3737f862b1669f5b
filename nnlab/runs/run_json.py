"""Read run.json and check its types; it may be damaged or come from another program."""

import difflib
import json
import math
import shlex
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from nnlab import inputs
from nnlab.config.faults import first_fault
from nnlab.errors import UsageError
from nnlab.text import clipped, printable

RUNS = Path("runs")
MAX_BYTES = 1_000_000  # of a run.json; nnlab writes a few thousand
MOST_NEAR = 5  # runs in a message
MOST_DIGITS = 20  # in a whole number

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
    """The types of the values that nnlab reads from run.json; other JSON files fail here."""

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
    inputs: dict[str, str] = {}
    config: dict[str, Any] = {}
    summary: dict[str, float] = {}
    verdict: str = ""
    report: list[str] = []


def read_record(path: Path) -> Record:
    """Return the content of run.json in the run directory `path`.

    Raises:
        UsageError: there is no run, or its run.json is damaged.
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
    """Return a whole number; infinity if it has more digits than nnlab ever writes."""
    return int(text) if len(text) <= MOST_DIGITS else math.inf


def _refuse_infinite(value: object, name: str = "") -> None:
    """Raise ValueError, with the key, if a number in `value` is not finite."""
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
        return "this run was killed before it began; start a new run with its config.yaml"
    if (path / "study.json").is_file():
        show = shlex.join(["nnlab", "study", "show", str(path)])
        return f"this is the directory of a study, not of a run; to show it: {show}"
    if path.is_dir():
        return f"no run of nnlab (it has no run.json); near it: {_near(path)}"
    return f"no such run directory; near it: {_near(path)}"


def _near(path: Path) -> str:
    """Return the runs that the user may have meant: with similar names, or else some that exist."""
    folders = (path, path.parent, path.parent.parent, RUNS)
    runs = sorted({record.parent for folder in folders for record in folder.glob("*/run.json")})
    similar = difflib.get_close_matches(path.name, {run.name for run in runs}, n=MOST_NEAR)
    named = [run for name in similar for run in runs if run.name == name]
    near = named[:MOST_NEAR] or runs[-MOST_NEAR:]
    return ", ".join(map(printable, near)) or "no runs"
