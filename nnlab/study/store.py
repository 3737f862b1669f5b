"""The directory of a study: the one place that reads and writes its files.

    studies/NAME-0001/
      study.json           what was asked, and how it stands
      runs/PART_ARM_s0/    an ordinary run directory for each part, arm and seed
      measured/            the readings of each run
      prediction.json      what was foretold before the runs that test it
      results.csv, verdicts.json, *.png, report.html

The runs are the truth: everything below them can be made again from them.
"""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.runs.collection import MOST_BYTES, Collection, CollectionRecord, from_here
from nnlab.study.load import OWN
from nnlab.study.plan import MOST_SEEDS, Planned, Settings
from nnlab.study.results import Reading, Row
from nnlab.study.study import LEAST_SEEDS

STUDIES = Path("studies")


class StudyRecord(CollectionRecord):
    """study.json.

    Attributes:
        study: the study's name.
        reference: what loads it (`nnlab.study.load.load`).
        digest: SHA-256 of its file when it began.
        seeds, quick, full, engine: as in `nnlab.study.plan.Settings`.
    """

    study: str
    reference: str
    digest: str
    seeds: int = Field(ge=LEAST_SEEDS, le=MOST_SEEDS)
    quick: bool
    full: bool
    engine: str

    @property
    def settings(self) -> Settings:
        """How large the study is."""
        return Settings(self.seeds, self.quick, self.full, self.engine)


class StudyDirectory(Collection[StudyRecord]):
    """The directory of a study. Inside its `with` block, this process is the only writer."""

    kind = "study"
    model: ClassVar[type[CollectionRecord]] = StudyRecord
    folders = ("runs", "measured")
    example = "studies/gradient-0001"
    lost = "its runs are whole: start the study again, and it uses them"

    @property
    def is_own(self) -> bool:
        """Whether a file of the user's declares the study: a program that must be trusted."""
        return self.record.reference.endswith(OWN)

    def command(self, word: Literal["resume", "show"]) -> str:
        """Return the command that goes on with the study, or shows it; ready for a shell."""
        own = ["--file", self.record.reference] if self.is_own else []
        return shlex.join(["nnlab", "study", word, str(self.path), *own])

    def again(self, seeds: int | None = None) -> str:
        """Return the command that makes the study again from this folder, ready for a shell.

        Args:
            seeds: another number of seeds, for a study that is no smoke test.
        """
        name = from_here(Path(self.record.reference)) if self.is_own else self.record.reference
        folder = from_here(self.path.parent)
        elsewhere = [] if folder == str(STUDIES) else ["--studies-dir", folder]
        return shlex.join(["nnlab", "study", name, *self.size(seeds), *elsewhere])

    def size(self, seeds: int | None = None) -> list[str]:
        """Return the options that ask for its size, or for a whole study of so many seeds."""
        small = ["--quick"] * (self.record.quick and seeds is None)
        return ["--seeds", str(seeds or self.record.seeds), *["--full"] * self.record.full, *small]

    def run_dir(self, run: Planned) -> Path:
        """Return the run directory of a planned run."""
        return self.path / "runs" / run.name

    def measured(self, run: Planned) -> Path:
        """Return the file with the readings of a run."""
        return self.path / "measured" / f"{run.name}.json"

    def rows(self, run: Planned) -> list[Row] | None:
        """Return the rows of a measured run; None if it has not been measured.

        Raises:
            DataError: the file cannot be read, or is damaged.
        """
        path = self.measured(run)
        try:
            read = json.loads(inputs.read(path, MOST_BYTES, "a file of readings"))
            readings = [Reading(str(m), float(value), str(at)) for m, value, at in read]
            _check(readings)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise DataError(
                f"{path} is damaged: remove it, and it is measured again on its run"
            ) from None
        return [Row(run.part, run.arm, run.seed, m, at, v, run.name) for m, v, at in readings]


def _check(readings: Sequence[Reading]) -> None:
    """Raise ValueError unless the readings are those of one run: each measured once."""
    places = {(measure, at) for measure, _, at in readings}
    if len(places) < len(readings) or ("diverged", "") not in places:
        raise ValueError("these are not the readings of one run")
