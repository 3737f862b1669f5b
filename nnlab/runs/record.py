"""run.json and config.yaml: what a run is, how it was started, how it ended."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nnlab import files
from nnlab.config.fields import as_typed
from nnlab.config.resolve import Resolved
from nnlab.errors import DivergedError
from nnlab.runs import holder, provenance
from nnlab.runs.run_json import Record, read_record
from nnlab.runs.signals import Stop
from nnlab.text import from_name, printable

GROUND = ("versions", "git_commit", "machine")  # a resume records them if they differ
NAMES = {  # what can change the last bits, in run.json's `machine` and `device`: key -> name
    "processor": "processor",
    "vectors": "vector instructions",
    "used": "device",
    "parts_of_a_batch": "parts of a batch",
    "threads_an_operation": "threads an operation (TF_NUM_INTRAOP_THREADS)",
    "onednn": "oneDNN (TF_ENABLE_ONEDNN_OPTS)",
}
UNFLUSHED = (
    "the file system cannot flush a folder (fsync): after a power loss, files that were written "
    "last may be missing"
)
OF_AN_END = ("error", "finished", "report", "seconds", "summary", "verdict")


class RunRecord:
    """run.json and config.yaml of one run; both are rewritten when its state changes.

    Args:
        experiment: the name of the experiment.
        resolved: the checked config.
        command: the command that started this process; both files contain it.

    Attributes:
        data: the content of run.json.
    """

    def __init__(self, experiment: str, resolved: Resolved[Any], command: str) -> None:
        config: dict[str, Any] = resolved.config.model_dump(mode="json")
        self.data: Record = {
            "experiment": experiment,
            "status": "running",
            "started": _now(),
            "command": command,
            **{key: config[key] for key in ("seed",) if key in config},
            "config": config,
            **provenance.describe(),
            "process": holder.facts(),
        }
        self._resolved = resolved
        self._before: Record = {}

    def create(self, path: Path) -> None:
        """Write both files of a new run to the directory `path`."""
        self._path = path
        self._write_config()
        self._note_ground()
        self._write(self.data)

    def take_over(self, path: Path) -> None:
        """Write that this process continues the run in the directory `path`.

        Raises:
            UsageError: there is no run, or its run.json is damaged.
        """
        self._path = path
        self._before = before = read_record(path)
        resume = {"at": _now(), "command": self.data["command"], "changed": self._resolved.changed}
        latest = _latest(before)
        resume |= {key: self.data[key] for key in GROUND if latest.get(key) != self.data[key]}
        goes_on = {
            "status": "running",
            "process": self.data["process"],
            "config": self.data["config"],
            "resumed": [*before.get("resumed", []), resume],
        }
        self.data = {k: v for k, v in before.items() if k not in OF_AN_END} | goes_on
        self._note_ground()
        self._write(self.data)

    def begin(self, facts: Record) -> list[str]:
        """Write the `facts` of the run; return lines about a resume that the user should see."""
        self.data |= facts
        if self._resolved.changed:
            self._write_config()
        self._write(self.data)
        if not self._before:
            return []
        before, now = ground(_latest(self._before)), ground(_latest(self.data))
        return [
            *(
                f"{key}: {as_typed(old)} -> {as_typed(new)}"
                for key, (old, new) in self._resolved.changed.items()
            ),
            *(
                f"note: {key}: {printable(was)} -> {printable(now[key])}; the bytes may not be "
                "those of an undisturbed run"
                for key, was in before.items()
                if key in now and now[key] != was
            ),
        ]

    def finish(self, summary: Mapping[str, float], results: Record) -> None:
        """Note that the run is complete, with the final metrics and other `results`."""
        self.summarize(summary)
        self.data |= {"status": "completed", **results}

    def summarize(self, summary: Mapping[str, float]) -> None:
        """Note the metrics so far, the headline first."""
        self.data["summary"] = dict(summary)

    def judge(self, verdict: str) -> None:
        """Note in one line whether the network learned."""
        self.data["verdict"] = verdict

    def fail(self) -> None:
        """Note that the run failed, when nothing can be written any more."""
        self.data["status"] = "failed"

    @property
    def inputs(self) -> dict[str, str]:
        """Config key -> SHA-256 of the input file at the start of the run."""
        return dict(self.data.get("inputs", {}))

    def end(self, error: BaseException | None, seconds: float) -> None:
        """Write how the run ended: with `error`, or as `data` already says."""
        self.data |= {"finished": _now(), "seconds": round(seconds, 3)}
        if error:
            told = "; ".join([str(error) or type(error).__name__, *getattr(error, "__notes__", [])])
            self.data |= {"status": _status(error), "error": from_name(told, self._path)}
        self._write(self.data)

    def put_back(self) -> None:
        """Restore run.json as it was before `take_over`."""
        if self._before:
            self._write(self._before)

    def _note_ground(self) -> None:
        """Note if the file system cannot flush a folder."""
        if not files.fsync_folder(self._path) and UNFLUSHED not in self.data.get("notes", []):
            self.data["notes"] = [*self.data.get("notes", []), UNFLUSHED]

    def _write(self, data: Record) -> None:
        files.write_text(self._path / "run.json", provenance.to_json(data))

    def _write_config(self) -> None:
        """Write config.yaml: the commands of the run as comments, then every key."""
        resumes: list[Record] = self.data.get("resumed", [])
        commands = [self.data["command"], *(str(resume.get("command")) for resume in resumes)]
        lines = [f"# {printable(command)}\n" for command in commands]
        files.write_text(self._path / "config.yaml", f"{''.join(lines)}\n{self._resolved.yaml()}")


def _now() -> str:
    """Return the time in UTC, in ISO 8601 format."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _latest(data: Record) -> Record:
    """Return a run.json with the GROUND of the last process that worked on it."""
    resumed: list[Record] = data.get("resumed", [])
    return data | {key: resume[key] for resume in resumed for key in GROUND if key in resume}


def ground(data: Record) -> dict[str, str]:
    """Return what the bytes of a run depend on, besides its config: name -> value.

    The number of cores is not included: everything that changes a sum is a key of the config.
    """
    ground = {f"version of {name}": str(v) for name, v in data.get("versions", {}).items()}
    for part in ("machine", "device"):
        known = data.get(part) or {}
        ground |= {name: str(known[key]) for key, name in NAMES.items() if key in known}
    return ground


def _status(error: BaseException) -> str:
    if isinstance(error, DivergedError):
        return "diverged"
    return "interrupted" if isinstance(error, Stop) else "failed"
