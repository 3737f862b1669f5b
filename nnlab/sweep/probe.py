"""Train a setting for some seconds, in a worker process; measure what a whole run would take."""

import resource
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.errors import DivergedError, StoppedError
from nnlab.experiments import EXPERIMENTS, configs, launch
from nnlab.metric import Row
from nnlab.runs.signals import Interrupted

SECONDS = 2.0  # of training
MOST_SECONDS = 10.0  # of training, until the first log point
MAXRSS = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of `ru_maxrss`


@dataclass(frozen=True)
class Probe:
    """What was measured while a setting was trained for some seconds.

    Attributes:
        before: seconds before the training; the first run of a worker also loads libraries.
        seconds: seconds of a whole training, and what comes after it, at the pace that was seen.
        disk: bytes of its directory; None if no log point was reached, so nothing was saved.
        memory: the most bytes that the worker has held so far.
    """

    before: float
    seconds: float
    disk: int | None
    memory: int


class _Clock(Silent):
    """Measures the pace of a run, and stops it after `SECONDS` and a log point.

    Args:
        bars: how often the progress of a whole run goes from its start to its end.

    Attributes:
        logged: whether there was a log point.
    """

    def __init__(self, bars: int) -> None:
        self.logged = False
        self._bars, self._finished, self._last = bars, 0, -1
        self._seen: list[tuple[float, float]] = []  # (time, share of the whole run that is done)

    def log(self, row: Row) -> None:  # noqa: ARG002 - as inherited
        """Note that there was a log point."""
        self.logged = True

    def progress(self, done: int, total: int, unit: str) -> None:  # noqa: ARG002 - as inherited
        """Note how far the run is; raise Interrupted if that is enough."""
        self._finished += done <= self._last  # a new epoch
        self._last = done
        now = time.monotonic()
        self._seen.append((now, (self._finished + done / total) / self._bars))
        if now - self._seen[0][0] >= (SECONDS if self.logged else MOST_SECONDS):
            raise Interrupted(signal.SIGINT)

    def split(self, began: float, ended: float, *, stopped: bool) -> tuple[float, float]:
        """Return the seconds before the training, and those of the whole training.

        Args:
            began: when the run began.
            ended: when it ended.
            stopped: whether the clock has stopped it.
        """
        if not self._seen:  # it diverged in its first steps
            return ended - began, 0.0
        (first, at_first), (last, at_last) = self._seen[0], self._seen[-1]
        left = (last - first) / (at_last - at_first) * (1 - at_last) if stopped else 0.0
        return first - began, ended - first + left


def probed(*, home: Path, experiment: str, keys: Mapping[str, Any], name: str) -> Probe:
    """Train the run of `keys` for some seconds in the directory `home/name`; return what it takes.

    Raises:
        NnlabError: as the experiment.
    """
    row = EXPERIMENTS[experiment]
    resolved = resolve(row.config, None, keys, configs())
    clock = _Clock(resolved.config.bars)
    began, stopped = time.monotonic(), False
    try:
        launch(
            row, resolved, command="nnlab sweep --dry-run", view=clock, run_dir=home / name,
            pictures=False,
        )  # fmt: skip
    except DivergedError:
        pass  # such a run ends early
    except StoppedError:
        stopped = True
    before, seconds = clock.split(began, time.monotonic(), stopped=stopped)
    disk = sum(file.stat().st_size for file in (home / name).rglob("*") if file.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS
    return Probe(before, seconds, disk if clock.logged else None, memory)
