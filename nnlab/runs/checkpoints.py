"""The checkpoints of a run: which are kept, when one is due, to which a resume goes back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nnlab import files
from nnlab.config.base import Config
from nnlab.errors import DataError
from nnlab.runs.checkpoint_file import AnyFacts, Arrays, Checkpoint, pack, read

SUFFIX = ".safetensors"
SHORTEST, SHARE = 1.0, 0.02  # seconds between two checkpoints; the most of the time they take
SECONDS_A_BYTE = 5e-9  # to pack and write one (benchmarks/checkpoints.py)


class Checkpoints:
    """`last`, the one before it (`previous`), and `best` if there is one.

    Attributes:
        folder: made by the first `write`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._began = self._written = time.perf_counter()
        self._cost = self._spent = 0.0  # seconds: of one, of all so far

    def expect(self, like: Arrays) -> None:
        """Guess what one will cost, until the first is written."""
        self._cost = SECONDS_A_BYTE * sum(array.nbytes for array in like.values())

    @property
    def due(self) -> bool:
        """Whether another may be written: after a second, and if all together cost little time."""
        now = time.perf_counter()
        cheap = self._spent + self._cost <= SHARE * (now - self._began)
        return cheap and now - self._written >= SHORTEST

    def write(self, checkpoint: Checkpoint[Any], *, best: bool = False) -> None:
        """Write `last`; the old one becomes `previous`. Before it `best`, if this one is that.

        Raises:
            OSError: it cannot be written; those that were there are as good as before.
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
        self,
        like: Arrays,
        facts: type[AnyFacts],
        config: Config,
        take: Callable[[Checkpoint[AnyFacts]], None],
        say: Callable[[str], None],
    ) -> Checkpoint[AnyFacts] | None:
        """Return the newest good checkpoint, None if there has been none; `say` which are not good.

        Args:
            like: see `read`.
            facts: see `read`.
            config: see `read`.
            take: goes back to it, or raises DataError where it cannot be used.
            say: told of every one that is passed over.

        Raises:
            DataError: there are checkpoints, and none is good.
            UsageError: see `read`.
        """
        faults = []
        for path in filter(Path.is_file, map(self.path, ("last", "previous"))):
            try:
                checkpoint = read(path, like, facts, config)
                take(checkpoint)
            except DataError as fault:
                faults.append(str(fault))
            else:
                for said in faults:
                    say(f"{said}; going on from {path.name}, the one before it")
                if faults:  # else the next one written would push the good one out
                    self.path("last").replace(self.path("damaged"))
                return checkpoint
        if faults:
            title = "no checkpoint can be used; start a new run from this one's config.yaml"
            raise DataError("\n  ".join([title, *faults]))
        return None

    def find(
        self,
        like: Arrays,
        facts: type[AnyFacts],
        config: Config,
        wanted: Callable[[AnyFacts], bool],
    ) -> Checkpoint[AnyFacts]:
        """Return the first of `best`, `last` and `previous` that is good and `wanted`.

        Raises:
            DataError: there is none.
            UsageError: see `read`.
        """
        faults = []
        for path in map(self.path, ("best", "last", "previous")):
            try:
                checkpoint = read(path, like, facts, config)
            except DataError as fault:
                faults.append(str(fault))
            else:
                if wanted(checkpoint.about.facts):
                    return checkpoint
                faults.append(f"{path} is of another time")
        raise DataError("\n  ".join(["the best checkpoint cannot be used:", *faults]))
