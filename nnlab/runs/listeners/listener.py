"""A listener passes on what a run logs. It never changes the run, and never ends it.

The run's own files are complete without a listener. So a listener that fails is reported once and
then left out, and the training goes on.
"""

import re
from collections.abc import Callable, Iterable
from pkgutil import resolve_name
from typing import ClassVar, Protocol

from nnlab.errors import missing_package
from nnlab.runs.columns import Row
from nnlab.runs.saved import SavedRun
from nnlab.text import clipped

LISTENERS = {  # flag -> the function that returns the listener; its module needs the extra `flag`
    "tensorboard": "nnlab.runs.listeners.tensorboard:TensorBoard",
    "mlflow": "nnlab.runs.listeners.mlflow:open_mlflow",
}
LONGEST_REASON = 300  # characters
GOES_ON = "the run goes on without it"


class Listener(Protocol):
    """Hears a run begin, log and end, in this order. Any method may raise.

    In a row the first column says where the run is: the step, or the epoch.

    Attributes:
        name: its flag, without dashes.
    """

    name: ClassVar[str]

    def begin(self, saved: SavedRun) -> None:
        """Hear that training begins; `saved.metrics` are what a resumed run has logged."""

    def log(self, row: Row) -> None:
        """Hear one log point."""

    def end(self, saved: SavedRun) -> None:
        """Hear that the run ended: `saved` knows how, and the final metrics if there are any."""


def open_listeners(names: Iterable[str]) -> list[Listener]:
    """Return the listeners of these names, ready for a run that begins later.

    Raises:
        UsageError: a package is not installed, or the listener cannot be used.
    """
    return [_opened(name) for name in names]


def _opened(name: str) -> Listener:
    try:
        listener: Listener = resolve_name(LISTENERS[name])()
    except ImportError as error:
        raise missing_package(f"--{name}", name, error) from error
    return listener


def reason(error: Exception) -> str:
    """Return the first line of an error, without the password of an address in it."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return clipped(re.sub(r"//[^/\s]*@", "//", line), LONGEST_REASON)


class Listeners:
    """All listeners of a run, as one; with none of them, each method does nothing.

    Args:
        listeners: the listeners.
        warn: called with one line about a listener that failed.
    """

    def __init__(self, listeners: Iterable[Listener], warn: Callable[[str], None]) -> None:
        self._waiting = list(listeners)
        self._begun: list[Listener] = []
        self._warn = warn

    def begin(self, saved: SavedRun) -> None:
        """Tell all that training begins; before that they hear nothing."""
        self._begun = self._waiting
        self._tell(lambda listener: listener.begin(saved))

    def log(self, row: Row) -> None:
        """Tell all of one log point."""
        self._tell(lambda listener: listener.log(row))

    def end(self, saved: SavedRun) -> None:
        """Tell all that the run ended."""
        self._tell(lambda listener: listener.end(saved), left="the run's own files are complete")

    def _tell(self, what: Callable[[Listener], None], left: str = GOES_ON) -> None:
        """Do `what` with all; leave out who fails, and say what is `left`."""
        for listener in list(self._begun):
            try:
                what(listener)
            except Exception as error:  # noqa: BLE001 - whatever another program raises
                self._begun.remove(listener)
                self._warn(f"--{listener.name} failed ({reason(error)}); {left}")
