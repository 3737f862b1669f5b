"""SIGTERM stops a run in order, as Ctrl-C does."""

import signal
from types import FrameType
from typing import Any

from nnlab.errors import NnlabError, RunInterruptedError, RunTerminatedError


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised where the program stands, as Python does with SIGINT."""


def raise_on_sigterm() -> Any:  # noqa: ANN401 - a handler, as `signal.signal` has them
    """Let SIGTERM raise Terminated from now on; return the handler that was there."""
    return signal.signal(signal.SIGTERM, _raise)


def name_of(stop: KeyboardInterrupt) -> str:
    """Return what a person calls the signal."""
    return "SIGTERM" if isinstance(stop, Terminated) else "Ctrl-C"


def stopped(by: KeyboardInterrupt, kept: str) -> NnlabError:
    """Return the error for a run that a signal ended; `kept` says what is left of it."""
    kind = RunTerminatedError if isinstance(by, Terminated) else RunInterruptedError
    return kind(f"interrupted by {name_of(by)}; {kept}")


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
