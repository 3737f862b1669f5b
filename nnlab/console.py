"""What a person sees: how a run goes, on stderr (live, in plain lines, or not at all); its result.

`Silent` is the null object, so that no one asks "is there a view?". stdout has results alone.
"""

import errno
import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TextIO

from nnlab.text import printable

Row = Mapping[str, float]


class View(Protocol):
    """A place where a run says how it is going.

    Attributes:
        quiet: whether nothing is to be shown, by others either.
    """

    quiet: ClassVar[bool]

    def note(self, text: str) -> None:
        """Show one line of text."""

    def log(self, row: Row) -> None:
        """Show the metrics of one log point."""

    def status(self, text: str) -> None:
        """Show what goes on until the next `progress`."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are done."""

    def close(self) -> None:
        """Leave the terminal as it was found; may be called twice."""


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

    def close(self) -> None:
        """Nothing to close."""


class Lines(Silent):
    """One plain line a log point and a note, no control codes: for pipes, files and CI."""

    quiet: ClassVar[bool] = False

    def note(self, text: str) -> None:
        """Print the line."""
        say(printable(text), sys.stderr)

    def status(self, text: str) -> None:
        """Print the line."""
        self.note(text)

    def log(self, row: Row) -> None:
        """Print the row as `name value` pairs."""
        self.note("  ".join(f"{name} {show(name, value)}" for name, value in row.items()))


def open_view(*, quiet: bool) -> View:
    """Return the view that fits stderr: live in a terminal, else lines; silent when `quiet`."""
    if quiet:
        return Silent()
    in_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not in_terminal:
        return Lines()
    from nnlab.live import Live  # noqa: PLC0415 - Rich, for those who watch

    return Live()


def say(text: str, stream: TextIO) -> None:
    """Print `text`; when its reader has gone (`| head`, a closed terminal), go on without."""
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        if stream is sys.stdout and error.errno not in {errno.EPIPE, errno.EIO}:
            raise  # a result that is lost is an error, progress is not
        mute(stream)


def mute(stream: TextIO) -> None:
    """Send what is written from now on, and what is still in buffers, to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_result(
    path: Path,
    record: Mapping[str, Any],
    report: Sequence[str] = (),
    *,
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    """Print a finished run on stdout: its metrics and pictures, and last the next useful command.

    As JSON one object, `run_dir` beside what run.json holds; when `quiet` the directory alone.
    `report`, if there is one, stands for the metrics.
    """
    if as_json:
        say(json.dumps({"run_dir": str(path)} | dict(record), indent=2), sys.stdout)
        return
    lines = [printable(path) if sys.stdout.isatty() else str(path)]  # a script wants it as it is
    if not quiet:
        facts = {"data": record["data"]["name"]} if record.get("data") else {}
        facts |= {name: show(name, value) for name, value in record.get("summary", {}).items()}
        width = max(map(len, facts), default=0)
        pictures = ", ".join(sorted(p.name for p in path.glob("plots/*")))
        lines = [
            *(report or (f"{k.replace('_', ' '):<{width}}  {v}" for k, v in facts.items())),
            *filter(None, [record.get("verdict")]),
            f"run directory: {path}  (plots: {pictures})",
            f"run it again:  {rerun_command(record['experiment'], path)}",
        ]
        lines = list(map(printable, lines))
    say("\n".join(lines), sys.stdout)


def rerun_command(experiment: str, path: Path) -> str:
    """Return the command, ready to paste into a shell, that reruns the run in `path`."""
    return shlex.join(["nnlab", experiment, "--config", str(path / "config.yaml")])


def resume_line(path: Path) -> str:
    """Return the command, ready to paste into a shell, that goes on with the run in `path`."""
    return shlex.join(["nnlab", "resume", str(path)])


def show(name: str, value: float) -> str:
    """Return a metric as people read it: counts whole, seconds and accuracies to their use."""
    if isinstance(value, int):
        return f"{value:,}"
    if name == "images_per_second":
        return f"{value:,.0f}"
    if name == "seconds":
        return f"{value:.2f}"
    return f"{value:.4f}" if "accuracy" in name else f"{value:.4g}"
