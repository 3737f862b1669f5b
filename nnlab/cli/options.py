"""The flags that several commands share."""

import os
from typing import Annotated

import typer

from nnlab.config.presets import presets


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
NoProgress = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress.")]
Json = Annotated[
    bool, typer.Option("--json", metavar="", help="Print the result as JSON on stdout.")
]
Force = Annotated[bool, typer.Option("--force", metavar="", help="Replace an output that exists.")]
NoPlots = Annotated[
    bool,
    typer.Option(
        "--no-plots", metavar="", help="Draw no pictures; nnlab resume RUN draws them later."
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", help="Runs at a time (default: one for each core)."),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray", metavar="ADDRESS",
        help="Run on a Ray cluster: auto (the one of this machine), its address, or local.",
    ),
]  # fmt: skip
Tensorboard = Annotated[
    bool,
    typer.Option("--tensorboard", metavar="", help="Also log to RUN/tensorboard, for TensorBoard."),
]
Mlflow = Annotated[
    bool,
    typer.Option(
        "--mlflow", metavar="",
        help="Also log to MLflow: to MLFLOW_TRACKING_URI, else to sqlite:///mlflow.db.",
    ),
]  # fmt: skip


def _preset_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the presets of the experiment that is the command, for the shell's completion."""
    names = [each.name for each in presets(ctx.info_name)]
    return [name for name in names if name.startswith(incomplete)]


def full_names(incomplete: str) -> list[str]:
    """Return the full names of all presets, for the shell's completion."""
    names = [each.full_name for each in presets()]
    return [name for name in names if name.startswith(incomplete)]


PresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset", metavar="NAME", autocompletion=_preset_names,
        help="Config that comes with nnlab; for their names: nnlab presets.",
    ),
]  # fmt: skip
