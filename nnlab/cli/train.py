"""Start an experiment, or go on with a run. Each row of the table of experiments is a command."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import typer

from nnlab.cli.commands import Command
from nnlab.cli.keys import Request, command
from nnlab.cli.resume import resuming
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, Experiment, configs, launch
from nnlab.reports.show import print_directory, print_result, print_run
from nnlab.runs.listeners.listener import open_listeners
from nnlab.runs.provenance import command_line
from nnlab.runs.saved import SavedRun
from nnlab.text import printable, rerun_command, resume_line

app = typer.Typer()


def _launch(experiment: Experiment, request: Request[Any], *, resume: bool = False) -> None:
    """Launch `experiment` as `request` asks; print its result."""
    if request.print_config:
        typer.echo(request.resolved.yaml(), nl=False)
        return
    saved = launch(
        experiment, request.resolved, command=command_line(),
        view=open_view(experiment.metrics, quiet=request.quiet),
        run_dir=request.run_dir, resume=resume,
        failed=_failed(request),
        listeners=open_listeners(request.listeners),
        pictures=request.pictures,
    )  # fmt: skip
    _print(saved, experiment, request)


def _failed(request: Request[Any]) -> Callable[[SavedRun], None] | None:
    """Return what prints a run that had begun and failed: a script wants to know where it is."""
    if request.json:
        return print_run
    return print_directory if request.quiet else None


def _print(saved: SavedRun, experiment: Experiment, request: Request[Any]) -> None:
    """Print the result of a finished run; exit with the code that follows from it."""
    code, meaning = experiment.judge(saved.summary)
    if request.json:
        print_run(saved)
    else:
        print_result(saved, experiment.metrics, quiet=request.quiet)
        if meaning and not request.quiet:
            say(meaning, sys.stdout)
    if code:
        raise typer.Exit(code)


for _row in EXPERIMENTS.values():
    app.command(
        _row.name, cls=Command, help=_row.help, epilog="\n".join(_row.examples)
    )(command(_row.name, _row.config, configs())(partial(_launch, _row)))  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab resume runs/cubic-0001\nnnlab resume runs/fashion-0001 --epochs 20",
)
@resuming(configs())
def resume(saved: SavedRun, request: Request[Any]) -> None:
    """Continue a run that was stopped or killed, or train a finished run further (--epochs)."""
    path, experiment = saved.path, EXPERIMENTS[saved.experiment]
    if saved.status == "diverged":
        again = rerun_command(saved.experiment, path)
        raise UsageError(
            f"{path} diverged: {saved.record.get('error', '')}\n"
            f"A resume would take the same steps again; start a new run: {again} --lr ..."
        )
    whole = all((path / name).exists() for name in experiment.outputs)
    if saved.status == "completed" and whole and not request.resolved.changed:
        config = request.resolved.config
        longer = [key for key in config.lengthens if key in config.changeable()]
        flags = "".join(
            f"; to train further: {resume_line(path)} --{key} ... "
            f"(the total; it has done {getattr(config, key)})"
            for key in longer
        )
        say(f"{printable(path)} is finished, nothing is left to do{flags}", sys.stderr)
        _print(saved, experiment, request)
        return
    _launch(experiment, request, resume=True)
