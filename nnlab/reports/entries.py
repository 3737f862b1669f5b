"""The entries of a list of runs: every directory in a folder, and what is known of it by name."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from nnlab.errors import NnlabError
from nnlab.metric import Metric, best
from nnlab.reports.ends import or_empty
from nnlab.runs.columns import Columns
from nnlab.runs.run_json import Record
from nnlab.runs.saved import FILES, SavedRun

FACTS = ("name", "status", "experiment", "age", "duration")
"""What every run has besides config and metrics; age and duration are in seconds."""
BEST = "best_"  # before a metric's name: its best log point

Metrics = Mapping[str, Sequence[Metric]]
"""Experiment -> what it measures, the headline first."""


class Entry:
    """A directory in the list.

    Args:
        saved: the directory; it may be damaged, or no run at all.
        metrics: of all experiments.
        now: the time from which ages are counted.

    Attributes:
        saved: the directory.
        fault: why it cannot be read; "" for a good run.
        note: what of a good run cannot be read.
        status: that of the run; `foreign` for a directory that no nnlab wrote.
        experiment: its name.
        metrics: what the experiment measures.
        config: key -> value.
        summary: metric -> value at the end of the run.
        best: metric with a direction -> its best value of all log points.
        last: metric -> its value at the last log point.
    """

    def __init__(self, saved: SavedRun, metrics: Metrics, now: datetime) -> None:
        self.saved, self.fault, self.note = saved, "", ""
        self.status = saved.status
        self.experiment = ""
        self.metrics: tuple[Metric, ...] = ()
        self.config: Mapping[str, Any] = {}
        self.summary: Mapping[str, float] = {}
        self.best: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self._record: Record = {}
        self._now = now
        try:
            self._read(metrics)
        except NnlabError as error:
            self.fault = str(error)
            if not any(os.path.lexists(saved.path / name) for name in FILES):
                self.status = "foreign"

    def _read(self, metrics: Metrics) -> None:
        """Raise NnlabError if a file of the run is damaged."""
        self._record = record = self.saved.record
        self.experiment, self.summary = self.saved.experiment, self.saved.summary
        self.metrics = tuple(metrics.get(self.experiment, ()))
        self.config = record.get("config") or self.saved.config  # older versions: config.yaml alone
        unkept = SavedRun(self.saved.path, record)  # its columns may be many
        said: list[str] = []
        columns = or_empty(lambda: unkept.metrics, Columns(), said)
        if columns and unkept.metrics_fault:
            said.append(f"{unkept.metrics_fault} is damaged; what is behind it does not count")
        self.note = "".join(said).removeprefix(f"{self.saved.path}/")
        for name, column in columns.items():
            self.last[name] = column[-1]
        for metric in self.metrics:
            if (value := best(metric, columns.get(metric.name, ()))) is not None:
                self.best[metric.name] = value

    @cached_property
    def age(self) -> float | None:
        """Seconds since the run started; None if unknown: nothing has checked this value yet."""
        try:
            return (self._now - datetime.fromisoformat(self._record["started"])).total_seconds()
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def duration(self) -> float | None:
        """Seconds of training, up to the last log point if the run did not end."""
        seconds = self._record.get("seconds")
        return seconds if isinstance(seconds, int | float) else self.last.get("seconds")

    @cached_property
    def values(self) -> dict[str, Any]:
        """Everything by the name under which it is shown, sorted and filtered.

        A metric is the value at the end of the run, or at the last log point if it did not end. A
        key of the config hides a metric of its name (lr).
        """
        best = {BEST + name: value for name, value in self.best.items()}
        facts = {
            "name": self.saved.path.name, "status": self.status, "experiment": self.experiment,
            "age": self.age, "duration": self.duration,
        }  # fmt: skip
        return {**best, **self.last, **self.summary, **self.config, **facts}

    def json(self) -> dict[str, Any]:
        """Return the entry for `--json`."""
        facts = {"name": self.saved.path.name, "run_dir": str(self.saved.path)}
        if self.fault:
            return {**facts, "status": self.status, "fault": self.fault}
        return {
            **facts, "status": self.status, "experiment": self.experiment,
            "started": self._record.get("started"), "age": self.age,
            "duration": self.duration, "config": self.config, "summary": self.summary,
            "best": self.best, "last": self.last, "verdict": self.saved.verdict,
            **({"note": self.note} if self.note else {}),
        }  # fmt: skip


def read_entries(parent: Path, metrics: Metrics) -> list[Entry]:
    """Return an entry for each directory in `parent`, the newest run first; none if it is missing.

    Raises:
        OSError: `parent` cannot be read.
    """
    now = datetime.now(UTC)
    found = [Entry(SavedRun(path), metrics, now) for path in sorted(_directories(parent))]
    return sorted(found, key=lambda entry: float("inf") if entry.age is None else entry.age)


def _directories(parent: Path) -> Iterator[Path]:
    for entry in os.scandir(parent) if os.path.lexists(parent) else ():
        if os.path.isdir(entry.path) and not entry.name.startswith("."):  # noqa: PTH112 - Path's raises for a link to itself
            yield parent / entry.name


def headlines(entries: Sequence[Entry]) -> list[str]:
    """Return the columns of the headline metrics, each with its best before its last value.

    An experiment's headline is its first metric. If that is measured once, at the end (test
    accuracy), the first metric that is logged and has a direction comes in addition.
    """
    names: dict[str, None] = {}
    logged = {name for entry in entries for name in entry.best}
    for entry in entries:
        measured = [metric.name for metric in entry.metrics]
        own = [name for name in measured if name in entry.best]
        names |= dict.fromkeys([*measured[:1], *own[:1]])
    return [column for name in names for column in ([BEST + name] * (name in logged) + [name])]


def differing(entries: Iterable[Entry]) -> list[str]:
    """Return the config keys in which runs of the same experiment differ."""
    seen: dict[tuple[str, str], str] = {}
    keys: dict[str, None] = {}
    for entry in entries:
        for key, value in entry.config.items():
            if seen.setdefault((entry.experiment, key), repr(value)) != repr(value):
                keys[key] = None
    return list(keys)
