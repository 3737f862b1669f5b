"""Print what a sweep found, and how the command ends."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from typing import TYPE_CHECKING

from nnlab.cli.failure import describe
from nnlab.console.stream import say
from nnlab.errors import NnlabError, UsageError
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.sweep.store import SweepDirectory
    from nnlab.sweep.trial import Results


@dataclass(frozen=True)
class How:
    """How the runs are run, and what is printed.

    Attributes:
        jobs: runs at a time; None: one for each core.
        ray: the address of a Ray cluster, auto or local; None: this machine.
        budget: seconds after which no run begins.
        quiet, json: the options.
    """

    jobs: int | None
    ray: str | None
    budget: float | None
    quiet: bool
    json: bool


def print_results(results: "Results", directory: "SweepDirectory", how: How) -> None:
    """Print what a sweep found."""
    from nnlab.sweep.printed import print_sweep
    from nnlab.sweep.table import told

    path = directory.path
    if how.json:
        say(dumps(told(results, directory), indent=2), sys.stdout)
    elif how.quiet:
        say(printable(path) if sys.stdout.isatty() else str(path), sys.stdout)
    else:
        print_sweep(results, directory)


def print_files(directory: "SweepDirectory", how: How) -> None:
    """Print where the files about a sweep are."""
    from nnlab.sweep import printed
    from nnlab.sweep.written import written_files

    if not (how.json or how.quiet):
        printed.print_files(written_files(directory))


@contextmanager
def noting() -> Iterator[None]:
    """Make an error one note: the files about a sweep can be made again."""
    try:
        yield
    except (UsageError, OSError) as error:
        why = describe(error)[1].removeprefix("nnlab: ")
        say(f"note: report.html or what goes with it is not up to date: {why}", sys.stderr)


def refuse_lost(results: "Results", directory: "SweepDirectory") -> None:
    """Raise NnlabError if trials, or runs of the best on fresh seeds, were lost; it says which."""
    from nnlab.sweep.words import BAD, lost_reruns, numbered

    bad = {
        state: [trial.number for trial in results.trials if trial.state == state] for state in BAD
    }
    told = [f"{numbered('trial', numbers)} {state}" for state, numbers in bad.items() if numbers]
    lost = lost_reruns(results)
    told += [f"the best has no value on {numbered('fresh seed', lost)}"] * bool(lost)
    if told:
        again = f"; to try what failed again: {resume_command(directory)}" * bool(bad["failed"])
        show = shlex.join(["nnlab", "sweep", "show", str(directory.path)])
        raise NnlabError(f"{' and '.join(told)}; the reasons: {show}{again}")


def resume_command(directory: "SweepDirectory") -> str:
    """Return the command that goes on with a sweep, ready for a shell."""
    return shlex.join(["nnlab", "sweep", "resume", str(directory.path)])
