"""Read a saved run. NumPy is loaded only when weights are requested."""

import json
import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from nnlab import inputs
from nnlab.config.faults import first_fault
from nnlab.config.yamlfile import read_mapping
from nnlab.errors import DataError, UsageError
from nnlab.runs.metrics import read_rows
from nnlab.text import clipped, printable

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = Path("runs")
FILES = ("config.yaml", "run.json")  # of every run directory
MAX_BYTES = 1_000_000  # of a run.json; nnlab writes a few thousand
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


class SavedRun:
    """A run directory, opened for reading; it may be damaged.

    Attributes:
        path: the run directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def find_all(cls, parent: Path = RUNS) -> list[Self]:
        """Return the runs in the folder `parent`, sorted by name."""
        found = {file.parent for name in FILES for file in parent.glob(f"*/{name}")}
        return [cls(path) for path in sorted(found)]

    @cached_property
    def record(self) -> Record:
        """What run.json holds.

        Raises:
            UsageError: there is no run.json, or it is damaged.
        """
        return read_record(self.path)

    @property
    def status(self) -> str:
        """`running`, `completed`, `interrupted`, `diverged` or `failed`; `damaged`: no run.json."""
        try:
            return str(self.record["status"])
        except UsageError:
            return "damaged"

    @property
    def experiment(self) -> str:
        """The name of the experiment. Raises UsageError as `record`."""
        return str(self.record["experiment"])

    @property
    def summary(self) -> dict[str, float]:
        """The final metrics, the headline first; empty before the end. Raises as `record`."""
        return dict(self.record.get("summary", {}))

    @property
    def verdict(self) -> str:
        """One line on whether the network learned; "" where there is none. Raises as `record`."""
        return str(self.record.get("verdict", ""))

    @cached_property
    def config(self) -> dict[str, Any]:
        """The value of each key, from config.yaml, as plain Python values.

        Raises:
            UsageError: the file is missing or damaged.
        """
        entries = read_mapping(self.path / "config.yaml")
        return {key: entry.value for key, entry in entries.items()}

    @cached_property
    def metrics(self) -> dict[str, list[float]]:
        """The columns of metrics.csv by name, up to the first damaged row; none without rows."""
        rows, _ = read_rows(self.path / "metrics.csv")
        return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}

    @property
    def plots(self) -> list[Path]:
        """The pictures, by name."""
        return sorted(path for path in self.path.glob("plots/*") if path.name[0] != ".")

    def weights(self) -> dict[str, "NDArray[Any]"]:
        """Return the final weights by name. This loads NumPy, and never unpickles.

        Raises:
            DataError: model.npz is missing or damaged.
        """
        import numpy as np  # noqa: PLC0415 - for callers who want weights

        path = self.path / "model.npz"
        try:
            with inputs.open_plain(path) as file, np.load(file, allow_pickle=False) as arrays:
                return dict(arrays)
        except FileNotFoundError:
            raise DataError(f"{path}: this run has no final weights (it did not finish)") from None
        except Exception as error:  # noqa: BLE001 - a damaged file can fail in any way
            raise DataError(f"{path} is damaged: {clipped(str(error), 200)}") from None


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
        return "this run was killed before it began; start it anew from its config.yaml"
    if path.is_dir():
        return f"no run of nnlab (it has no run.json); near it: {_near(path)}"
    return f"no such run directory; near it: {_near(path)}"


def _near(path: Path) -> str:
    """Return the runs that the user may have meant."""
    folders = (path, path.parent, path.parent.parent, RUNS)
    runs = {str(record.parent) for folder in folders for record in folder.glob("*/run.json")}
    return ", ".join(map(printable, sorted(runs)[-5:])) or "no runs"
