"""The directory of a sweep: the one place that reads and writes its files.

    sweeps/NAME-0001/
      sweep.json         what was asked, and how it stands
      runs/t0007_s0/     the run of trial 7 on seed 0: an ordinary run directory
      failed.json        the runs that failed before they had a directory, and why
      readings.json      what was read from the runs, so that it need not be read again
      journal.log        a mirror for Optuna's dashboard
      trials.csv, *.png, report.html

The runs are the truth: everything below them can be made again from them and sweep.json.
"""

import re
from pathlib import Path
from typing import ClassVar

from nnlab.runs.collection import Collection, CollectionRecord
from nnlab.sweep.plan import Plan

SWEEPS = Path("sweeps")
_RUN = re.compile(r"t(\d{4,})_s(\d+)")


class SweepRecord(CollectionRecord):
    """sweep.json.

    Attributes:
        plan: what was asked.
    """

    plan: Plan


class SweepDirectory(Collection[SweepRecord]):
    """The directory of a sweep. Inside its `with` block, this process is the only writer."""

    kind = "sweep"
    model: ClassVar[type[CollectionRecord]] = SweepRecord
    example = "sweeps/cubic-0001"
    lost = "start a new sweep; to see the runs of this one: nnlab runs --runs-dir {path}/runs"

    @property
    def plan(self) -> Plan:
        """What was asked."""
        return self.record.plan

    def run_dir(self, number: int, seed: int) -> Path:
        """Return the run directory of a trial on a seed."""
        return self.path / "runs" / run_name(number, seed)

    def runs(self) -> dict[tuple[int, int], Path]:
        """Return the run directories that exist: (trial number, seed) -> path."""
        found = ((run_of(path.name), path) for path in (self.path / "runs").glob("*"))
        return {run: path for run, path in found if run}


def run_name(number: int, seed: int) -> str:
    """Return the name of the run directory of a trial on a seed."""
    return f"t{number:04d}_s{seed}"


def run_of(name: str) -> tuple[int, int] | None:
    """Return the trial number and the seed of a run directory's name; None for another name."""
    match = _RUN.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else None
