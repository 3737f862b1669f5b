"""How a run goes, on stderr: live in a terminal, in plain lines, or not at all.

`Silent` is the null object: no caller asks "is there a view?". stdout is for results only.
"""

import os
import sys
from collections.abc import Sequence
from typing import ClassVar, Protocol

from nnlab.console.stream import say
from nnlab.metric import Metric, Row, formatted
from nnlab.text import printable, span

TENTHS = 10


class View(Protocol):
    """Shows the progress of a run.

    Attributes:
        quiet: whether nothing should be shown; libraries should show nothing either.
    """

    quiet: ClassVar[bool]

    def note(self, text: str) -> None:
        """Show one line of text."""

    def log(self, row: Row) -> None:
        """Show the metrics of one log point."""

    def status(self, text: str) -> None:
        """Show a text until the next `progress`."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are done."""

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        """Show how far a work of many runs is.

        Args:
            label: what is being done.
            done: number of runs, or of another unit, that are done.
            total: number of all.
            unit: what is counted.
            left: seconds until the end, if they can be estimated.
        """

    def standing(self, text: str) -> None:
        """Show a text under the next `overall`, in place of the text before it."""

    def close(self) -> None:
        """Restore the terminal; may be called twice."""


class Silent:
    """Shows nothing (`--quiet`)."""

    quiet: ClassVar[bool] = True

    def note(self, text: str) -> None:
        """Show nothing."""

    def log(self, row: Row) -> None:
        """Show nothing."""

    def status(self, text: str) -> None:
        """Show nothing."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Show nothing."""

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        """Show nothing."""

    def standing(self, text: str) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing to close."""


class Lines(Silent):
    """Prints one plain line per log point and note, no control codes: for pipes, files and CI."""

    quiet: ClassVar[bool] = False

    def __init__(self, metrics: Sequence[Metric] = ()) -> None:
        self._metrics = metrics
        self._told = ("", 0)  # the last label and tenth that were printed
        self._standing = ""

    def note(self, text: str) -> None:
        """Print the line."""
        say(printable(text), sys.stderr)

    def status(self, text: str) -> None:
        """Print the line."""
        self.note(text)

    def log(self, row: Row) -> None:
        """Print the row as `name value` pairs."""
        pairs = (f"{name} {formatted(self._metrics, name, value)}" for name, value in row.items())
        self.note("  ".join(pairs))

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        """Print a line for each new label, and after each tenth of the whole."""
        place = (label, TENTHS * done // max(total, 1))
        if place != self._told:
            self._told = place
            time = f", about {span(left)} left" if left else ""
            standing = f"; {self._standing}" * bool(self._standing)
            self.note(f"{label}: {done:,} of {total:,} {unit}{time}{standing}")

    def standing(self, text: str) -> None:
        """Print the text with the next line of `overall`."""
        self._standing = text


def open_view(metrics: Sequence[Metric], *, quiet: bool, ticking: bool = False) -> View:
    """Return the view for stderr: live in a terminal, else lines; silent if `quiet`.

    Args:
        metrics: give the format of each number in a log point.
        quiet: whether nothing is shown.
        ticking: whether the live view redraws by itself, for a process that waits for others.
    """
    if quiet:
        return Silent()
    in_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not in_terminal:
        return Lines(metrics)
    from nnlab.console.live import Live  # noqa: PLC0415 - Rich, for those who watch

    return Live(metrics, ticking=ticking)
