"""Start an experiment, or go on with one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Request, command
from nnlab.cli.resume import resuming
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.verdict import exit_code
from nnlab.cubic.config import CubicConfig
from nnlab.errors import UsageError
from nnlab.experiments import ENTRIES, MODELS
from nnlab.fashion.config import FashionConfig
from nnlab.reports.show import print_result
from nnlab.runs.saved import Record
from nnlab.text import printable, rerun_command, resume_line

app = typer.Typer()


@app.command(
    cls=Command,
    epilog="nnlab cubic --hidden 50 --lr 0.02 --no-gif\n"
    "nnlab cubic --config my.yaml --seed 1 --run-dir runs/seed-1",
)
@command(CubicConfig, MODELS)
def cubic(request: Request[CubicConfig]) -> None:
    """Fit y = x^3 with backpropagation written out in NumPy."""
    _launch("cubic", request)


@app.command(
    cls=Command,
    epilog="nnlab fashion --data sample --epochs 3\n"
    "nnlab fashion --filters 16,32 --batch-norm --print-config",
)
@command(FashionConfig, MODELS)
def fashion(request: Request[FashionConfig]) -> None:
    """Train a Keras convolutional network on Fashion-MNIST."""
    _launch("fashion", request)


@app.command(
    cls=Command,
    epilog="nnlab check --hidden 20\nnnlab check --gradient as-printed --batch-size 4",
)
@command(CheckConfig, MODELS)
def check(request: Request[CheckConfig]) -> None:
    """Prove the gradient of `nnlab cubic`, block by block, with derivatives computed otherwise."""
    _launch("check", request)


@app.command(
    cls=Command,
    epilog="nnlab resume runs/cubic-0001\nnnlab resume runs/fashion-0001 --epochs 20",
)
@resuming(MODELS)
def resume(past: Record, request: Request[Any]) -> None:
    """Go on with a run that was stopped or killed, or train a finished one further (--epochs)."""
    path = request.run_dir
    assert path  # noqa: S101 - the command's argument
    if past["status"] == "diverged":
        again = rerun_command(past["experiment"], path)
        raise UsageError(
            f"{path} diverged: {past.get('error', '')}\n"
            f"A resume would take the same steps again; start a new run: {again} --lr ..."
        )
    files = ["plots"] if past["experiment"] == "check" else ["plots", "model.npz"]
    whole = all((path / name).exists() for name in files)
    if past["status"] == "completed" and whole and not request.resolved.changed:
        longer = "epochs" in request.resolved.config.changeable()
        train_on = f"; to train on: {resume_line(path)} --epochs ..." if longer else ""
        say(f"{printable(path)} is finished, nothing is left to do{train_on}", sys.stderr)
        _print(path, past, request)
        return
    _launch(past["experiment"], request, resume=True)


def _launch(experiment: str, request: Request[Any], *, resume: bool = False) -> None:
    """Call the entry of `experiment` with (config, run) as `request` asks; print the result."""
    from nnlab.runs.run import Run  # with NumPy, for those who run something

    resolved = request.resolved
    if request.print_config:
        typer.echo(resolved.yaml(), nl=False)
        return
    view = open_view(quiet=request.quiet)
    run = Run(experiment, resolved, view, request.run_dir, resume=resume)
    try:
        with run:
            report = resolve_name(ENTRIES[experiment])(resolved.config, run)
    except Exception:
        if request.json and run.begun:  # a script wants to know where the failed run is
            print_result(run.path, run.record, as_json=True)
        raise
    _print(run.path, run.record, request, report or ())


def _print(path: Path, record: Record, request: Request[Any], report: Sequence[str] = ()) -> None:
    """Print the result of a run that is finished; exit with 1 where a check found fault."""
    print_result(path, record, report, quiet=request.quiet, as_json=request.json)
    if record["experiment"] != "check":
        return
    code, meaning = exit_code(record.get("summary", {}))
    if not (request.quiet or request.json):
        say(meaning, sys.stdout)
    raise typer.Exit(code)
