"""Signals stop a run in order: Ctrl-C, SIGTERM, and SIGHUP of a terminal that closes.

The first one is raised as a KeyboardInterrupt, at a boundary where the state is whole (`held`).
Ctrl-C after that ends the process at once.
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


class Interrupted(KeyboardInterrupt):
    """A signal came. Whoever catches it raises it again, perhaps with a note on what is saved."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(NAMES[number])
        self.number = number

    def as_error(self, kept: str) -> StoppedError:
        """Return the error that tells a user of it; `kept` says what is left of the run."""
        notes: list[str] = getattr(self, "__notes__", [])
        said = "; ".join([f"interrupted by {self}", *notes])
        return StoppedError(f"{said}\n{kept}", self.number)


class Signals(AbstractContextManager["Signals"]):
    """While it is entered, the three signals end the run in order; an ignored one stays ignored.

    In a thread other than the main one Python cannot handle signals: they are the caller's.

    Args:
        view: told that the run stops, and closed before a second Ctrl-C ends the process.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._came: Interrupted | None = None
        self._held = False

    def __enter__(self) -> Self:
        # nohup and a shell's background jobs ignore some; their user wants it that way.
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
        """Hold a signal back until `check`."""
        self._held = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a signal back until `check`, or the end of the block."""
        self.hold()
        try:
            yield
        finally:
            self._held = False
        self.check()

    def check(self) -> None:
        """Raise the signal that came.

        Raises:
            Interrupted: one came.
        """
        if self._came:
            self._view.note(f"{self._came}: stopping in order; Ctrl-C now leaves at once")
            raise self._came

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._came is None:
            self._came = Interrupted(signal.Signals(number))
            if not self._held:
                raise self._came
        elif number == signal.SIGINT:
            with suppress(Exception):
                self._view.close()
            end_by(signal.SIGINT)
