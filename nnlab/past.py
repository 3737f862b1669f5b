"""Read the run.json of a run that is there, whoever wrote it."""

import json
import stat
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from nnlab.errors import UsageError
from nnlab.text import printable

RUNS = Path("runs")
MAX_BYTES = 1_000_000  # of a run.json; ours are a page

Record = dict[str, Any]


class _Named(BaseModel):
    name: str


class _Known(BaseModel):
    """The types of what others read in a run.json; one that is not from nnlab fails here."""

    experiment: str
    status: Literal["running", "completed", "interrupted", "diverged", "failed"]
    command: str
    error: str = ""
    data: _Named | None = None
    process: dict[str, str | int] = {}
    resumed: list[dict[str, Any]] = []
    inputs: dict[Literal["init_from", "points"], str] = {}
    summary: dict[str, int | float] = {}


def read_record(path: Path) -> Record:
    """Return what run.json says of the run in the directory `path`.

    Raises:
        UsageError: there is no run, or its run.json is not one.
    """
    try:
        raw = _start_of(path / "run.json")
        _Known.model_validate_json(raw)
        return dict(json.loads(raw, parse_constant=_refuse_constant))
    except FileNotFoundError:
        raise UsageError(f"{path}: {_why_no_run(path)}") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise UsageError(f"{path / 'run.json'} is damaged, or not from nnlab: {reason}") from None


def _start_of(path: Path) -> bytes:
    """Return what a record can be of the file at `path`; ValueError if it is no plain file."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no plain file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which JSON has not."""
    raise ValueError(f"{name} is no JSON")


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
