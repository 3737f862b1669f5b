"""Read a saved run. NumPy is loaded only when weights are requested."""

import json
import re
import zipfile
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nnlab import inputs
from nnlab.config.yamlfile import Entry, read_mapping
from nnlab.errors import DataError, UsageError
from nnlab.runs import holder
from nnlab.runs.columns import Columns, read_columns
from nnlab.runs.run_json import MAX_BYTES, RUNS, Record, read_record
from nnlab.text import clipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILES = ("config.yaml", "run.json")  # of every run directory
DIVERGED_AT = re.compile(r"not finite at step ([\d,]{1,30})")  # nnlab.errors.DivergedError
HEADERS = 1 << 20  # bytes for the headers of the arrays in model.npz


class SavedRun:
    """A run directory, opened for reading; it may be damaged.

    Args:
        path: the run directory.
        record: the content of run.json, if it is known already.

    Attributes:
        path: the run directory.
    """

    def __init__(self, path: Path | str, record: Record | None = None) -> None:
        self.path = Path(path)
        self._known = record

    @classmethod
    def find_all(cls, parent: Path | str = RUNS) -> list[Self]:
        """Return the runs in the folder `parent`, sorted by name."""
        found = {file.parent for name in FILES for file in Path(parent).glob(f"*/{name}")}
        return [cls(path) for path in sorted(found)]

    @cached_property
    def record(self) -> Record:
        """What run.json holds.

        Raises:
            UsageError: there is no run.json, or it is damaged.
        """
        return self._known or read_record(self.path)

    @property
    def status(self) -> str:
        """How the run stands: `running`, `completed`, `interrupted`, `diverged` or `failed`.

        It is `damaged` if run.json is missing or unreadable, and `killed` if run.json says that
        the run is running, but its process has ended.
        """
        try:
            status = str(self.record["status"])
        except UsageError:
            return "damaged"
        dead = status == "running" and holder.ended(self.record.get("process", {}))
        return "killed" if dead else status

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

    @property
    def diverged_step(self) -> int | None:
        """The step, from 1, at which the run diverged; None if it did not. Raises as `record`."""
        found = DIVERGED_AT.search(str(self.record.get("error", "")))
        return int(found[1].replace(",", "")) if found and self.status == "diverged" else None

    @cached_property
    def config(self) -> dict[str, Any]:
        """The value of each key, from config.yaml, as plain Python values.

        Raises:
            UsageError: the file is missing or damaged.
        """
        return {key: entry.value for key, entry in self._entries.items()}

    @property
    def sources(self) -> dict[str, str]:
        """Where the value of each key came from: default, a file or a flag. Raises as `config`."""
        return {key: entry.comment for key, entry in self._entries.items()}

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return read_mapping(self.path / "config.yaml")

    @property
    def metrics(self) -> Columns:
        """The columns of metrics.csv by name, up to the first damaged row; none without rows.

        Each is an `array.array` of numbers, exactly those of the file.

        Raises:
            DataError: the file cannot be read.
        """
        return self._table[0]

    @property
    def metrics_fault(self) -> str:
        """The place in metrics.csv where `metrics` ends because a row is damaged; "" for none.

        A last row without its end is no fault: a run that was killed, or is running, has that.
        Raises as `metrics`.
        """
        return self._table[1]

    @cached_property
    def _table(self) -> tuple[Columns, str]:
        path = self.path / "metrics.csv"
        try:
            return read_columns(path)
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None

    def json(self, name: str) -> dict[str, Any] | None:
        """Return the object in a JSON file of the run, such as report.json; None if it is missing.

        Raises:
            DataError: it is too large, or no JSON object.
        """
        path = self.path / name
        try:
            content = json.loads(inputs.read(path, MAX_BYTES, f"a {name}"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path} is damaged: {clipped(str(error), 200)}") from None
        if not isinstance(content, dict):
            raise DataError(f"{path} is damaged: it holds no JSON object")
        return content

    @property
    def plots(self) -> list[Path]:
        """The pictures, by name."""
        return sorted(path for path in self.path.glob("plots/*") if path.name[0] != ".")

    @property
    def files(self) -> dict[str, int]:
        """The files of the run and of its folders, with their sizes in bytes; no hidden ones."""
        found = (path for places in ("*", "*/*") for path in self.path.glob(places))
        return {
            str(path.relative_to(self.path)): path.lstat().st_size
            for path in sorted(found)
            if not path.is_dir() and "/." not in f"/{path.relative_to(self.path)}"
        }

    def weights(self, most: int | None = None) -> dict[str, "NDArray[Any]"]:
        """Return the final weights by name. This loads NumPy, and never unpickles.

        Args:
            most: the largest sum of their sizes, in bytes, if it is known.

        Raises:
            DataError: model.npz is missing or damaged.
        """
        import numpy as np  # noqa: PLC0415 - for callers who want weights

        path = self.path / "model.npz"
        try:
            with inputs.open_plain(path) as file:
                if most is not None:
                    _check_sizes(file, most)
                with np.load(file, allow_pickle=False) as arrays:
                    return dict(arrays)
        except FileNotFoundError:
            raise DataError(f"{path}: this run has no final weights ({self.status})") from None
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}") from None
        except Exception as error:  # noqa: BLE001 - a damaged file can fail in any way
            raise DataError(f"{path} is damaged: {clipped(str(error), 200)}") from None


def _check_sizes(file: BufferedReader, most: int) -> None:
    """Refuse an .npz file whose arrays are larger than `most` bytes together, compressed or not."""
    with zipfile.ZipFile(file) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > most + HEADERS:
        raise ValueError(f"its arrays have {size:,} bytes, more than the {most:,} of this config")
    file.seek(0)
