"""The view in a terminal: a table of the latest log points over a progress bar, in place."""

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from rich.console import Console, Group
from rich.constrain import Constrain
from rich.live import Live as RichLive
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from nnlab.console.stream import mute
from nnlab.metric import Metric, Row, formatted
from nnlab.text import printable, span

VISIBLE_ROWS = 10
REFRESH_SECONDS = 0.1
ECHOED = 4  # columns left free: a terminal writes ^C at the cursor, and in the last would wrap


class _TimeLeft(TimeRemainingColumn):
    """The time until the end that was told; without one, Rich's own estimate."""

    def render(self, task: Task) -> Text:
        """Return the time left now: it runs on between two reports."""
        if (end := task.fields.get("end")) is None:
            return super().render(task)
        left = max(0.0, end - time.monotonic())
        return Text(f"about {span(left)} left", style="progress.remaining")


class Live:
    """The live view; see `nnlab.console.view.View`.

    It redraws when a method is called, at most ten times a second. A thread that refreshes would
    compete with the training loop for the interpreter; only with `ticking`, for a process that
    waits for others, there is one.
    """

    quiet: ClassVar[bool] = False

    def __init__(self, metrics: Sequence[Metric] = (), *, ticking: bool = False) -> None:
        self._metrics = metrics
        self._status = ""
        self._standing = Text()
        self._rows: deque[Row] = deque(maxlen=VISIBLE_ROWS)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=40), MofNCompleteColumn(),
            _TimeLeft(compact=True), auto_refresh=False,
        )  # fmt: skip
        self._task = self._bar.add_task("", visible=False)
        console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        self._live = RichLive(console=console, auto_refresh=ticking, refresh_per_second=2)
        self._drawn = 0.0
        self._closed = False

    def note(self, text: str) -> None:
        """Print the line above the table."""
        with self._ignoring_a_closed_terminal():
            self._live.console.print(Text(printable(text)))
            self._draw(force=True)

    def log(self, row: Row) -> None:
        """Add the row to the table."""
        self._rows.append(row)
        with self._ignoring_a_closed_terminal():
            self._draw()

    def status(self, text: str) -> None:
        """Show the text in place of the progress bar."""
        self._status = text
        with self._ignoring_a_closed_terminal():
            self._draw(force=True)

    def progress(self, done: int, total: int, unit: str) -> None:
        """Move the bar."""
        if done < self._bar.tasks[self._task].completed:  # a new epoch: a new estimate of its end
            self._bar.reset(self._task)
        self._bar.update(self._task, description=unit, completed=done, total=total, visible=True)
        self._status = ""
        with self._ignoring_a_closed_terminal():
            self._draw()

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        """Move the bar, and show the label and the time left beside it."""
        end = None if left is None else time.monotonic() + left
        self._bar.update(self._task, end=end)
        self.progress(done, total, f"{label}, {unit}")

    def standing(self, text: str) -> None:
        """Show the text under the bar; the next `overall` draws it."""
        self._standing.plain = printable(text)

    def close(self) -> None:
        """Remove the bar and leave the table."""
        if self._live.is_started:
            self._bar.update(self._task, visible=False)
            self._status = self._standing.plain = ""
            with self._ignoring_a_closed_terminal():
                self._draw(force=True)
                self._live.stop()
        self._closed = True

    @contextmanager
    def _ignoring_a_closed_terminal(self) -> Iterator[None]:
        """Ignore errors of a terminal that was closed."""
        try:
            yield
        except OSError:
            mute(sys.stderr)

    def _draw(self, *, force: bool = False) -> None:
        if self._closed:
            return
        now = time.monotonic()
        if not self._live.is_started:  # a run that cannot begin does not change the terminal
            self._live.start()
        if force or now - self._drawn >= REFRESH_SECONDS:
            table = _table(self._rows, self._metrics)
            below = Text(printable(self._status)) if self._status else self._bar
            last = [self._standing] if self._standing else []
            width = self._live.console.width - ECHOED
            self._live.update(Constrain(Group(table, below, *last), width), refresh=True)
            self._drawn = now


def _table(rows: Sequence[Row], metrics: Sequence[Metric]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[-1] if rows else ():
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(formatted(metrics, name, value) for name, value in row.items()))
    return table
