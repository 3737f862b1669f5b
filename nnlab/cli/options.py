"""The flags that several commands share."""

import os
from typing import Annotated

import typer


def debug(value: bool) -> None:
    """Store `--debug` in the environment, for `nnlab.cli.app.main` and child processes."""
    if value:
        os.environ["NNLAB_DEBUG"] = "1"


Debug = Annotated[
    bool,
    typer.Option("--debug", metavar="", callback=debug, help="Show the traceback of an error."),
]


Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", metavar="", help="Show no progress; print only the run directory."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", metavar="", help="Print the result as JSON on stdout.")
]
