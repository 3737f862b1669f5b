"""The argument RUN of every command that reads runs."""

from typing import Annotated

import typer

from nnlab.runs.find import find_run
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun

WHICH_RUN = "A run: its directory, its name, the start of its name, last, or last:cubic."


def run_names(incomplete: str) -> list[str]:
    """Return the names of runs that begin with `incomplete`, for the shell's completion."""
    names = sorted(file.parent.name for file in RUNS.glob("*/run.json"))
    return [name for name in [*names, "last"] if name.startswith(incomplete)]


RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help=WHICH_RUN, autocompletion=run_names, rich_help_panel="Arguments"
    ),
]
RunArguments = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN", help=WHICH_RUN, autocompletion=run_names, rich_help_panel="Arguments"
    ),
]


def saved_run(text: str) -> SavedRun:
    """Return the run that the user means.

    Raises:
        UsageError: there is no such run, several are meant, or its run.json is damaged.
    """
    saved = SavedRun(find_run(text))
    _ = saved.record  # raises now, before other work
    return saved
