"""What the runs of a sweep say. A run is read once: a file keeps what was read.

The file readings.json saves time only. A run whose run.json has changed is read again, and without
the file, or with a damaged one, all runs are read again.
"""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nnlab import inputs
from nnlab.config.strict import StrictModel
from nnlab.errors import DataError, NnlabError
from nnlab.runs.saved import SavedRun
from nnlab.sweep.plan import Keys
from nnlab.sweep.store import SweepDirectory, run_of
from nnlab.sweep.trial import Reading
from nnlab.text import clipped, from_name

KEPT, FAILED = "readings.json", "failed.json"
MOST_BYTES = 1_000_000_000  # of readings.json: 10,000 runs with 1,000 log points are 200 MB
LONGEST_WHY = 500  # characters
NO_RUN = (0, 0)  # the stamp of a run without a directory
FINAL = ("completed", "interrupted", "diverged", "failed")  # nobody writes to this run

Run = tuple[int, int]
"""Trial number and seed."""


class Kept(StrictModel):
    """What was read from a run.

    Attributes:
        stamp: the time of the last change of its run.json, in ns, and its size in bytes; NO_RUN for
            a run that failed before it had a directory.
        reading: what the run says.
        setting: the key of each axis -> its value in the config of the run.
    """

    stamp: tuple[int, int]
    reading: Reading
    setting: Keys


_FILE = TypeAdapter(dict[str, Kept])


class Reader:
    """Reads the runs of a sweep.

    Attributes:
        readings: what each run says that was begun.
    """

    def __init__(self, directory: SweepDirectory) -> None:
        self._directory, self._plan = directory, directory.plan
        self._kept = _file(directory.path / KEPT)
        self._failed = _file(directory.path / FAILED)
        self.readings: dict[Run, Reading] = {}
        self._settings: dict[int, Keys] = {}
        for run in {*directory.runs(), *filter(None, map(run_of, self._failed))}:
            self.read(run)

    def read(self, run: Run) -> Reading | None:
        """Read a run again; return None if it was not begun."""
        path, stamp = self._directory.run_dir(*run), self._stamp(run)
        failed, kept = self._failed.get(path.name), self._kept.get(path.name)
        if failed and failed.stamp == stamp:
            kept = failed
        elif stamp == NO_RUN:
            return None
        elif kept is None or kept.stamp != stamp:
            kept = Kept.model_construct(stamp=stamp, **self._said(path))
            if kept.reading.status in FINAL:
                self._kept[path.name] = kept
        self._take(run, kept)
        return kept.reading

    def setting(self, number: int) -> Keys | None:
        """Return the setting of a trial as its runs have it; None if none was begun."""
        return self._settings.get(number)

    def fail(self, run: Run, setting: Keys, why: str) -> None:
        """Note that a run failed; the first reason stays if its own record has one."""
        reading = self.read(run)
        if reading is None or reading.status != "failed":
            seconds = reading.seconds if reading else 0.0
            reading = Reading("failed", why=self._why(why), seconds=seconds)
            failed = Kept(stamp=self._stamp(run), reading=reading, setting=setting)
            self._failed[self._directory.run_dir(*run).name] = failed
            self._take(run, failed)

    def _stamp(self, run: Run) -> tuple[int, int]:
        """Return the time of the last change of run.json, and its size; NO_RUN without one."""
        try:
            found = (self._directory.run_dir(*run) / "run.json").stat()
        except OSError:
            return NO_RUN
        return found.st_mtime_ns, found.st_size

    def forget_failed(self) -> None:
        """Forget the runs that failed: they are to be tried again."""
        self._failed.clear()
        self.readings = {run: r for run, r in self.readings.items() if r.status != "failed"}

    def save(self) -> None:
        """Write what was read, so that the next process need not read it again."""
        self._directory.write(KEPT, _FILE.dump_json(self._kept).decode())
        self._directory.write(FAILED, _FILE.dump_json(self._failed, indent=2).decode() + "\n")

    def _take(self, run: Run, kept: Kept) -> None:
        self.readings[run] = kept.reading
        self._settings.setdefault(run[0], kept.setting)

    def _said(self, path: Path) -> dict[str, Any]:
        """Return the reading and the setting of a run directory."""
        saved = SavedRun(path)
        try:
            config = saved.record.get("config", {})
            return {
                "reading": self._reading(saved),
                "setting": {key: config.get(key) for key in self._plan.space},
            }
        except NnlabError as error:
            why = self._why(f"{error}; to make this run again, remove its directory")
            return {"reading": Reading("failed", why=why), "setting": {}}

    def _reading(self, saved: SavedRun) -> Reading:
        record, metric = saved.record, self._plan.metric
        completed = record["status"] == "completed"
        value = saved.summary.get(metric) if completed else None
        points: tuple[float, ...] = ()
        if self._plan.prune or (value is None and completed):
            points = tuple(saved.metrics.get(metric, ()))
            if completed and (saved.metrics_fault or not points):
                raise DataError(f"{saved.path / 'metrics.csv'} is damaged, or has no {metric}")
        if value is None and completed:
            value = points[-1]
        return Reading(
            saved.status, value, points if self._plan.prune else (),
            self._why(str(record.get("error", ""))), float(record.get("seconds") or 0),
        )  # fmt: skip

    def _why(self, told: str) -> str:
        """Return a reason that is the same wherever the sweep is."""
        return clipped(from_name(told, self._directory.path / "runs"), LONGEST_WHY)


def _file(path: Path) -> dict[str, Kept]:
    """Return what a file keeps; nothing if it is missing or damaged."""
    try:
        return _FILE.validate_json(inputs.read(path, MOST_BYTES, "a file of readings"))
    except (OSError, ValueError):
        return {}
