"""What the runs of a sweep say. A run is read once: a file keeps what was read.

The file readings.json saves time only. A run whose run.json has changed is read again, and without
the file, or with a damaged one, all runs are read again.
"""

from contextlib import suppress
from pathlib import Path

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
        stamp: the times of the last change, in ns, and the sizes, in bytes, of its files that were
            read; NO_RUN for a run that failed before it had a directory.
        reading: what the run says.
        keys: the keys of the sweep's base and space -> their values in the config of the run.
    """

    stamp: tuple[int, ...]
    reading: Reading
    keys: Keys


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
        self._changed = False
        self.readings: dict[Run, Reading] = {}
        self._keys: dict[int, Keys] = {}
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
            kept, sound = self._said(path, stamp)
            if sound and kept.reading.status in FINAL:
                self._kept[path.name] = kept
                self._changed = True
        self._take(run, kept)
        return kept.reading

    @property
    def begun(self) -> int:
        """One more than the number of the last trial that was begun."""
        return max(self._keys, default=-1) + 1

    def setting(self, number: int) -> Keys:
        """Return the setting of a trial as its runs have it; {} if that is not known."""
        keys = self._keys.get(number, {})
        return {key: keys[key] for key in self._plan.space if key in keys}

    def other_base(self, number: int) -> str:
        """Return a key of the base that the runs of a trial have otherwise; "" for none."""
        keys = self._keys.get(number, {})
        base = self._plan.base
        return next((key for key in base if key in keys and keys[key] != base[key]), "")

    def fail(self, run: Run, setting: Keys, why: str) -> None:
        """Note that a run failed; the first reason stays if its own record has one."""
        reading = self.read(run)
        if reading is None or reading.status != "failed":
            seconds = reading.seconds if reading else 0.0
            reading = Reading("failed", why=self._why(why), seconds=seconds)
            keys = self._plan.base | setting
            failed = Kept(stamp=self._stamp(run), reading=reading, keys=keys)
            self._changed = True
            self._failed[self._directory.run_dir(*run).name] = failed
            self._take(run, failed)

    def _stamp(self, run: Run) -> tuple[int, ...]:
        """Return the time of the last change, and the size, of each file that is read."""
        path = self._directory.run_dir(*run)
        stamp = _stamp(path / "run.json")
        if stamp != NO_RUN and self._plan.prune:
            return (*stamp, *_stamp(path / "metrics.csv"))
        return stamp

    def forget_failed(self) -> None:
        """Forget the runs that failed: they are to be tried again."""
        self._changed = self._changed or bool(self._failed)
        self._failed.clear()
        self.readings = {run: r for run, r in self.readings.items() if r.status != "failed"}

    def save(self) -> None:
        """Write what was read, so that the next process need not read it again.

        Another process may do the same: either file is right.

        Raises:
            OSError: it cannot be written.
        """
        if not self._changed:
            return
        self._changed = False
        self._directory.write(KEPT, _FILE.dump_json(self._kept).decode())
        self._directory.write(FAILED, _FILE.dump_json(self._failed, indent=2).decode() + "\n")

    def _take(self, run: Run, kept: Kept) -> None:
        self.readings[run] = kept.reading
        if kept.keys:
            self._keys.setdefault(run[0], kept.keys)

    def _said(self, path: Path, stamp: tuple[int, ...]) -> tuple[Kept, bool]:
        """Return what a run directory says, and whether it is sound."""
        saved = SavedRun(path)
        try:
            sound, reading = True, self._reading(saved)
        except NnlabError as error:
            why = self._why(f"{error}; to make this run again, remove its directory")
            sound, reading = False, Reading("failed", why=why)
        asked = (*self._plan.base, *self._plan.space)
        config = _config(saved)
        keys = {key: config[key] for key in asked if key in config}
        return Kept.model_construct(stamp=stamp, reading=reading, keys=keys), sound

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
        told = told.replace("try a smaller --lr", "search smaller values of lr")
        return clipped(from_name(told, self._directory.path / "runs"), LONGEST_WHY)


def _stamp(file: Path) -> tuple[int, int]:
    """Return when a file was changed, in ns, and its size; NO_RUN if it is missing."""
    try:
        found = file.stat()
    except OSError:
        return NO_RUN
    return found.st_mtime_ns, found.st_size


def _config(saved: SavedRun) -> Keys:
    """Return the config of a run from run.json, else from config.yaml; {} if both are damaged."""
    for read in (lambda: saved.record["config"], lambda: saved.config):
        with suppress(NnlabError, KeyError):
            config: Keys = read()
            return config
    return {}


def _file(path: Path) -> dict[str, Kept]:
    """Return what a file keeps; nothing if it is missing or damaged."""
    try:
        return _FILE.validate_json(inputs.read(path, MOST_BYTES, "a file of readings"))
    except (OSError, ValueError):
        return {}
