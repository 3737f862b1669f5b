"""The errors that nnlab raises on purpose; `nnlab.cli.app` prints them and ends as they say.

A message says what is wrong, where (file, key, step), and what to do about it.
"""

from signal import Signals
from typing import ClassVar


class NnlabError(Exception):
    """Something that a user can act on: data, disk, or any failure without a kind of its own."""

    exit_code: ClassVar[int] = 1


class UsageError(NnlabError):
    """A flag, a config or a path that cannot be used as given."""

    exit_code = 2


class DataError(NnlabError):
    """Data that is missing, damaged, or not what it says it is."""


class DeviceError(NnlabError):
    """The device that was asked for cannot be used."""


class DivergedError(NnlabError):
    """Training reached a loss or parameters that are not finite, at step `step` (from 1)."""

    exit_code = 3

    def __init__(self, step: int, lr: float, loss: float, *, what: str = "the loss is") -> None:
        super().__init__(
            f"{what} not finite at step {step:,} (loss {loss:.4g}, lr {lr:g}): "
            "the steps are too large; try a smaller --lr"
        )


class StoppedError(NnlabError):
    """A signal ended a run that had begun; the process ends by it, too (`nnlab.ending`)."""

    signal: ClassVar[Signals]


class RunInterruptedError(StoppedError):
    """Ctrl-C (SIGINT) ended a run that had begun."""

    signal = Signals.SIGINT


class RunTerminatedError(StoppedError):
    """SIGTERM ended a run that had begun."""

    signal = Signals.SIGTERM


class RunHungUpError(StoppedError):
    """SIGHUP (the terminal closed) ended a run that had begun."""

    signal = Signals.SIGHUP
