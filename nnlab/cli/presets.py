"""`nnlab presets`: the configs that come with nnlab."""

import sys
from typing import Annotated, Any

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json, full_names
from nnlab.config.presets import Preset, find_preset, presets
from nnlab.console.stream import say
from nnlab.reports.table import print_table

app = typer.Typer()


@app.command(
    "presets", cls=Command, epilog="nnlab presets\nnnlab presets fashion-fast > my.yaml"
)  # fmt: skip
def show_presets(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A preset, fast or fashion-fast: print its YAML.",
            autocompletion=full_names,
            rich_help_panel="Arguments",
        ),
    ] = None,
    *,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the configs that come with nnlab, each with its measured result."""
    chosen = presets() if name is None else [find_preset(name)]
    if json:
        from json import dumps

        described = [_as_json(each) for each in chosen]
        say(dumps(described if name is None else described[0], indent=2), sys.stdout)
    elif name is not None:
        say(chosen[0].text().rstrip("\n"), sys.stdout)
    else:
        rows = [(each.name, each.experiment, *each.about()) for each in chosen]
        print_table(("name", "experiment", "what", "measured"), rows)
        last = chosen[-1]
        say(f"to run one: {last.command}; to see it: nnlab presets {last.full_name}", sys.stderr)


def _as_json(preset: Preset) -> dict[str, Any]:
    from nnlab.config.yamlfile import read_mapping

    what, measured = preset.about()
    config = {key: entry.value for key, entry in read_mapping(preset.path).items()}
    return {
        "name": preset.name, "experiment": preset.experiment, "what": what, "measured": measured,
        "command": preset.command, "config": config,
    }  # fmt: skip
