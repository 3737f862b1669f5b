"""The checkpoints of a run: which to keep, when to write one, which one a resume starts from."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nnlab import files
from nnlab.errors import DataError
from nnlab.runs.checkpoint_file import Checkpoint, Expected, pack, read

SUFFIX = ".safetensors"
SHORTEST = 1.0  # seconds between two checkpoints, at least
SHARE = 0.02  # of the run's time, which all of them may take
SECONDS_A_BYTE = 5e-9  # to pack and write one (benchmarks/checkpoints.py)


class Checkpoints:
    """The files `last`, `previous` (the one before it) and, in some experiments, `best`.

    Attributes:
        folder: the folder of the files; the first `write` makes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._began = self._written = time.perf_counter()
        self._cost = self._spent = 0.0  # seconds to write: the latest one, all so far

    def expect(self, expected: Expected[Any]) -> None:
        """Set what a checkpoint must match; estimate the time to write the first one."""
        self._expected = expected
        self._cost = SECONDS_A_BYTE * sum(array.nbytes for array in expected.arrays.values())

    @property
    def due(self) -> bool:
        """Whether to write another: a second has passed, and all together take little time."""
        now = time.perf_counter()
        cheap = self._spent + self._cost <= SHARE * (now - self._began)
        return cheap and now - self._written >= SHORTEST

    def write(self, checkpoint: Checkpoint[Any], *, best: bool = False) -> None:
        """Write `last`; the old one becomes `previous`. With `best`, first write `best`, too.

        Raises:
            OSError: it cannot be written; the older checkpoints stay usable.
        """
        begun = time.perf_counter()
        parts = pack(checkpoint)
        if not self.folder.exists():
            self.folder.mkdir()
            files.fsync_folder(self.folder.parent)
        if best:
            files.write_bytes(self.path("best"), *parts, follow=False)
        files.write_bytes(self.path("last"), *parts, keep=self.path("previous"), follow=False)
        self._written = time.perf_counter()
        self._cost = self._written - begun
        self._spent += self._cost

    def path(self, name: str) -> Path:
        """Return the path of `last`, `previous` or `best`."""
        return self.folder / f"{name}{SUFFIX}"

    def newest(
        self, take: Callable[[Checkpoint[Any]], None], say: Callable[[str], None]
    ) -> Checkpoint[Any] | None:
        """Return the newest good checkpoint, None if there are no files; report damaged ones.

        Args:
            take: restores the run from a checkpoint; raises DataError if that is impossible.
            say: called with a message for each damaged checkpoint.

        Raises:
            DataError: there are checkpoints, but none can be used.
            UsageError: see `read`.
        """
        faults = []
        for path in filter(Path.is_file, map(self.path, ("last", "previous"))):
            try:
                checkpoint = read(path, self._expected)
                take(checkpoint)
            except DataError as fault:
                faults.append(str(fault))
            else:
                for said in faults:
                    say(f"{said}; continuing from {path.name}, the checkpoint before it")
                if faults:  # else the next `write` would replace the good one
                    self.path("last").replace(self.path("damaged"))
                return checkpoint
        if faults:
            title = "no checkpoint can be used; start a new run from this run's config.yaml"
            raise DataError("\n  ".join([title, *faults]))
        return None

    def find(self, wanted: Callable[[Any], bool]) -> Checkpoint[Any]:
        """Return the first of `best`, `last` and `previous` that is undamaged and `wanted`.

        Raises:
            DataError: none is.
            UsageError: see `read`.
        """
        faults = []
        for path in map(self.path, ("best", "last", "previous")):
            try:
                checkpoint = read(path, self._expected)
            except DataError as fault:
                faults.append(str(fault))
            else:
                if wanted(checkpoint.about.facts):
                    return checkpoint
                faults.append(f"{path} is from another epoch")
        raise DataError("\n  ".join(["the best checkpoint cannot be used:", *faults]))
