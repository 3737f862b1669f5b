"""Signals stop a run cleanly: Ctrl-C, SIGTERM, and SIGHUP (the terminal closed).

The first signal is raised as a KeyboardInterrupt at a point where the state is complete (`held`).
A second Ctrl-C ends the process immediately.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Self

from nnlab.console.view import View
from nnlab.ending import end_by
from nnlab.errors import StoppedError

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


class Stop(KeyboardInterrupt):
    """Training stops early. Code that catches it adds a note on what is saved, and raises it again.

    It is no Exception, as a KeyboardInterrupt is none: libraries let it through.
    """


class Paused(Stop):
    """The run has as many log points as it was asked for."""


class Interrupted(Stop):
    """A signal arrived."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(NAMES[number])
        self.number = number

    def as_error(self, kept: str) -> StoppedError:
        """Return the error to show to the user; `kept` says what is saved and how to continue."""
        notes: list[str] = getattr(self, "__notes__", [])
        said = "; ".join([f"interrupted by {self}", *notes])
        return StoppedError(f"{said}\n{kept}", self.number)


class Signals(AbstractContextManager["Signals"]):
    """While it is entered, the three signals stop the run cleanly. Ignored signals stay ignored.

    Python can handle signals only in the main thread. In other threads the caller handles them.

    Args:
        view: shows that the run stops; it is closed before a second Ctrl-C ends the process.

    Attributes:
        came: the signal that arrived; None if none did.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self.came: Interrupted | None = None
        self._held = False

    def __enter__(self) -> Self:
        # nohup and background jobs ignore some signals, because the user wants that.
        heeded = [number for number in NAMES if signal.getsignal(number) != signal.SIG_IGN]
        if threading.current_thread() is not threading.main_thread():
            heeded = []
        self._before = {number: signal.signal(number, self._handle) for number in heeded}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """Delay a signal until `check`."""
        self._held = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Delay a signal until `check`, or until the end of the block if nothing else holds it."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before
        if not before:
            self.check()

    def check(self) -> None:
        """Raise the signal that arrived, if there was one.

        Raises:
            Interrupted: a signal arrived.
        """
        if self.came:
            self._view.note(f"{self.came}: stopping in order; press Ctrl-C again to leave at once")
            raise self.came

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.came is None:
            self.came = Interrupted(signal.Signals(number))
            if not self._held:
                raise self.came
        elif number == signal.SIGINT:
            with suppress(Exception):
                self._view.close()
            end_by(signal.SIGINT)
