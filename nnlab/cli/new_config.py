"""`nnlab new-config`: a config to begin with."""

import difflib
import sys
from typing import Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, full_names
from nnlab.config.presets import find_preset
from nnlab.config.resolve import resolve
from nnlab.config.start import start
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, Experiment

app = typer.Typer()


def _names(incomplete: str) -> list[str]:
    return [name for name in EXPERIMENTS if name.startswith(incomplete)]


@app.command(
    cls=Command,
    epilog="nnlab new-config fashion > my.yaml\nnnlab new-config fashion --preset fast > my.yaml",
)
def new_config(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT",
            help=f"One of {', '.join(EXPERIMENTS)}.",
            autocompletion=_names,
            rich_help_panel="Arguments",
        ),
    ],
    *,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Begin with the values of a preset.", autocompletion=full_names
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Print a config to begin with: every key with its meaning, values and default."""
    row = _row(experiment)
    if preset is None:
        text = start(row.name, resolve(row.config, None, {}))
    else:
        found = find_preset(preset, row.name)
        resolved = resolve(row.config, found.path, {}, called=f"preset {found.name}")
        what, measured = found.about()
        about = f"The keys without a # are those of preset {found.name}: {what}; {measured}."
        text = start(row.name, resolved, about)
    say(text.rstrip("\n"), sys.stdout)


def _row(name: str) -> Experiment:
    """Return the experiment `name`; UsageError if there is none."""
    if name not in EXPERIMENTS:
        near = difflib.get_close_matches(name, EXPERIMENTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(EXPERIMENTS)}"
        raise UsageError(f"there is no experiment {name!r}; {hint}")
    return EXPERIMENTS[name]
