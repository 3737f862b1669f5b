"""The argument RUN of every command that reads runs."""

from pathlib import Path
from typing import Annotated

import typer

from nnlab.runs.find import find_run, runs_that_begin
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun

WHICH_RUN = "A run: its directory, its name, the start of its name, last, or last:cubic."


def run_names(incomplete: str) -> list[str]:
    """Return what RUN may be, for the shell's completion; no run is read.

    The names of the runs in runs/, or in another folder if `incomplete` names it, and `last`; once
    its first letter is typed also `last:cubic`.
    """
    folder, slash, begin = incomplete.rpartition("/")
    parent = Path(folder or slash or RUNS)
    found = [folder + slash + run.name for run in runs_that_begin(parent, begin)]
    if slash:
        return found
    words = ["last"]
    if incomplete:
        from nnlab.experiments import EXPERIMENTS

        words += [f"last:{name}" for name in EXPERIMENTS]
    return found + [word for word in words if word.startswith(incomplete)]


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
