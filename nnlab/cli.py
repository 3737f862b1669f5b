"""The commands. The only place that prints an error or sets an exit code."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

import typer

from nnlab import __version__, console
from nnlab.check.config import CheckConfig
from nnlab.check.verdict import exit_code
from nnlab.commandline import Command, Group
from nnlab.config import Config
from nnlab.cubic.config import CubicConfig
from nnlab.ending import end_by
from nnlab.errors import DataError, StoppedError, UsageError
from nnlab.failure import describe
from nnlab.fashion.config import FashionConfig
from nnlab.guard import prepare
from nnlab.options import Debug, Request, command
from nnlab.past import Record
from nnlab.paths import expanded
from nnlab.resume import resuming
from nnlab.text import printable

MODELS: dict[str, type[Config]] = {
    "cubic": CubicConfig,
    "fashion": FashionConfig,
    "check": CheckConfig,
}
ENTRIES = {
    "cubic": "nnlab.cubic.train:train",
    "fashion": "nnlab.fashion.train:train",
    "check": "nnlab.check.check:check",
}

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A lab bench for seeing how neural networks learn.",
    epilog="nnlab cubic --hidden 50 --samples 20000\nnnlab fashion --data sample --epochs 3",
)
data_app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Find, fetch and check Fashion-MNIST.",
    epilog="nnlab data fetch\nnnlab data verify --data-dir ~/fashion-mnist",
)
app.add_typer(data_app, name="data")


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"nnlab {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", metavar="", callback=_print_version, is_eager=True, help="Print the version."
    ),
]


def _expanded(path: Path | None) -> Path | None:
    return path and expanded(path)


DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="PATH",
        callback=_expanded,
        help="Folder that holds the four IDX files.",
    ),
]

QuietFetch = Annotated[
    bool, typer.Option("--quiet", "-q", metavar="", help="No progress; stdout has the folder.")
]


@app.callback()
def every_command(*, debug: Debug = False, version: Version = False) -> None:
    """Run the lab bench; `nnlab COMMAND --help` tells more."""


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
        again = console.rerun_command(past["experiment"], path)
        raise UsageError(
            f"{path} diverged: {past.get('error', '')}\n"
            f"A resume would take the same steps again; start a new run: {again} --lr ..."
        )
    files = ["plots"] if past["experiment"] == "check" else ["plots", "model.npz"]
    whole = all((path / name).exists() for name in files)
    if past["status"] == "completed" and whole and not request.resolved.changed:
        longer = "epochs" in request.resolved.config.changeable()
        train_on = f"; to train on: {console.resume_line(path)} --epochs ..." if longer else ""
        console.say(f"{printable(path)} is finished, nothing is left to do{train_on}", sys.stderr)
        _print(path, past, request)
        return
    _launch(past["experiment"], request, resume=True)


def _launch(experiment: str, request: Request[Any], *, resume: bool = False) -> None:
    """Call the entry of `experiment` with (config, run) as `request` asks; print the result."""
    from nnlab.run import Run  # with NumPy, for those who run something

    resolved = request.resolved
    if request.print_config:
        typer.echo(resolved.yaml(), nl=False)
        return
    view = console.open_view(quiet=request.quiet)
    run = Run(experiment, resolved, view, request.run_dir, resume=resume)
    try:
        with run:
            report = resolve_name(ENTRIES[experiment])(resolved.config, run)
    except Exception:
        if request.json and run.begun:  # a script wants to know where the failed run is
            console.print_result(run.path, run.record, as_json=True)
        raise
    _print(run.path, run.record, request, report or ())


def _print(path: Path, record: Record, request: Request[Any], report: Sequence[str] = ()) -> None:
    """Print the result of a run that is finished; exit with 1 where a check found fault."""
    console.print_result(path, record, report, quiet=request.quiet, as_json=request.json)
    if record["experiment"] != "check":
        return
    code, meaning = exit_code(record.get("summary", {}))
    if not (request.quiet or request.json):
        console.say(meaning, sys.stdout)
    raise typer.Exit(code)


@data_app.command(
    cls=Command, epilog="nnlab data fetch\nnnlab data fetch --data-dir ~/fashion-mnist"
)
def fetch(data_dir: DataDir = None, *, quiet: QuietFetch = False) -> None:
    """Find Fashion-MNIST on this machine, or download it; print its folder."""
    from nnlab.fashion.fetch import fetch

    say = console.Silent().note if quiet else console.Lines().note
    typer.echo(fetch(data_dir, say=say, quiet=quiet))


@data_app.command(
    cls=Command, epilog="nnlab data verify\nnnlab data verify --data-dir ~/fashion-mnist"
)
def verify(data_dir: DataDir = None) -> None:
    """Check every byte of the data that would be used; print the SHA-256 of each file."""
    from nnlab.fashion.locate import FILES, locate

    found = locate(data_dir)
    if found is None:
        raise _nowhere()
    typer.echo(f"{found.folder}: the {len(FILES)} files are the published ones")
    for name, file in found.files.items():
        typer.echo(f"  {name}  sha256 {file.sha256}")


@data_app.command(cls=Command, epilog="nnlab data path\nnnlab data path --data-dir ~/fashion-mnist")
def path(data_dir: DataDir = None) -> None:
    """Print the folder of the data that would be used, without a download."""
    from nnlab.fashion.locate import find

    folder = find(data_dir)
    if folder is None:
        raise _nowhere()
    typer.echo(folder)


def _nowhere() -> DataError:
    return DataError("Fashion-MNIST is not on this machine; to download it: nnlab data fetch")


def main() -> None:
    """Run the command line; exit with the code, or end by the signal, that README documents.

    Raises:
        KeyboardInterrupt: Ctrl-C where no run had begun.
    """
    prepare()
    try:
        app()
    except SystemExit as end:
        if end.code == 128 + signal.SIGINT:  # what Typer makes of it
            raise KeyboardInterrupt from None
        raise
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user unasked
        if "NNLAB_DEBUG" in os.environ:
            traceback.print_exc()
        code, said = describe(error)
        console.say(said, sys.stderr)
        if isinstance(error, StoppedError):
            end_by(error.signal)
        sys.exit(code)
