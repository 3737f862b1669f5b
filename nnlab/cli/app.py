"""The command line as a whole. The only place that prints an error or sets an exit code."""

import os
import signal
import sys
from typing import Annotated, Any

import typer

from nnlab import __version__
from nnlab.cli.commands import Group
from nnlab.cli.failure import describe
from nnlab.cli.guard import prepare
from nnlab.cli.lazy import Commands
from nnlab.cli.options import Debug
from nnlab.console.stream import say
from nnlab.ending import end_by
from nnlab.errors import StoppedError

# Command -> the module that holds it, in the order of `nnlab --help`. To add a command, write a
# module with `app = typer.Typer()` and the function under `@app.command(cls=Command, epilog=...)`,
# and a row here. The experiments come first, from the table EXPERIMENTS. The module is imported
# only for its own command, for help and for suggestions, so that the shell's completion is fast.
MODULES = {
    "resume": "nnlab.cli.train",
    "runs": "nnlab.cli.listing",
    "show": "nnlab.cli.show",
    "compare": "nnlab.cli.compare",
    "reproduce": "nnlab.cli.reproduce",
    "diff": "nnlab.cli.diff",
    "report": "nnlab.cli.report",
    "scrub": "nnlab.cli.scrub",
    "study": "nnlab.cli.study",
    "sweep": "nnlab.cli.sweep",
    "explain": "nnlab.cli.explain",
    "replay": "nnlab.cli.replay",
    "landscape": "nnlab.cli.landscape",
    "predict": "nnlab.cli.predict",
    "export": "nnlab.cli.export",
    "presets": "nnlab.cli.presets",
    "new-config": "nnlab.cli.new_config",
    "doctor": "nnlab.cli.doctor",
    "data": "nnlab.cli.data",
}


class Root(Group):
    """The command `nnlab`."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - Typer's own
        super().__init__(**settings | {"commands": Commands(MODULES)})


app = typer.Typer(
    cls=Root,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A lab bench for seeing how neural networks learn.",
    epilog="nnlab cubic --hidden 50 --samples 20000\nnnlab fashion --data sample --epochs 3",
)


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


@app.callback()
def every_command(*, debug: Debug = False, version: Version = False) -> None:
    """Run the lab bench; `nnlab COMMAND --help` shows the options of a command."""


def main() -> None:
    """Run the command line; exit with a documented code, or end by a signal (docs/running.md).

    Raises:
        KeyboardInterrupt: Ctrl-C before a run had begun.
    """
    prepare()
    try:
        code = app(prog_name="nnlab", standalone_mode=False)  # also for `python -m nnlab`
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user unasked
        if "NNLAB_DEBUG" in os.environ:
            import traceback

            traceback.print_exc()
        code, said = describe(error)
        say(said, sys.stderr)
        if isinstance(error, StoppedError):
            end_by(error.signal)
    if code == 128 + signal.SIGINT:  # Typer turns Ctrl-C into this code
        raise KeyboardInterrupt
    sys.exit(code)
