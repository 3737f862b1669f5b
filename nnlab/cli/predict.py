"""`nnlab predict`: what a trained network says of new input."""

import json as json_text
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from shutil import get_terminal_size
from typing import Annotated, Any

import typer

from nnlab.cli.arguments import RunArgument, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug
from nnlab.console.stream import say
from nnlab.console.view import Lines
from nnlab.experiments import experiment_of
from nnlab.paths import expanded
from nnlab.reports.answers import Answers, Asked, Column
from nnlab.text import printable

app = typer.Typer()


class Numbers(Command):
    """A command whose arguments may be negative numbers."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's own
        """Parse. A space in front of -1.5 makes it an argument: a flag has none."""
        return super().parse_args(ctx, [f" {arg}" if _is_negative(arg) else arg for arg in args])


Input = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="X...",
        help="cubic: numbers, or - to read them from standard input, one a line. fashion: PNG or "
        "JPEG files, or folders of them.",
        rich_help_panel="Arguments",
    ),
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="I|START:STOP[:STEP]",
        help="fashion: these images of the test set, counted from 0, instead of files.",
    ),
]
Invert = Annotated[
    bool | None,
    typer.Option(
        "--invert/--no-invert",
        metavar="",
        help="fashion: make dark what is light in each picture, and light what is dark; or leave "
        "it. By default a picture with a light border is inverted.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE.png",
        help="fashion: draw what the network saw, beside its three most likely classes.",
    ),
]
JsonLines = Annotated[
    bool, typer.Option("--json", metavar="", help="Print one JSON object a line for each input.")
]


@app.command(
    cls=Numbers,
    epilog="nnlab predict last:cubic -1.5 0.3 1\n"
    "seq -2 0.5 2 | nnlab predict last:cubic -\n"
    "nnlab predict last:fashion shoe.jpg --plot shoe-seen.png\n"
    "nnlab predict last:fashion --index 0:10",
)
def predict(
    run: RunArgument,
    x: Input = None,
    *,
    index: Index = None,
    invert: Invert = None,
    plot: Plot = None,
    json: JsonLines = False,
    debug: Debug = False,
) -> None:
    """Ask a trained network: x for cubic, pictures for fashion."""
    saved = saved_run(run)
    function = resolve_name(experiment_of(saved, "predict").predict)
    asked = Asked(
        [each.removeprefix(" ") if _is_negative(each[1:]) else each for each in x or []],
        Lines().note,
        index,
        invert,
        plot and expanded(plot),
    )
    _print(function(saved, asked), json=json)


def _print(answers: Answers, *, json: bool) -> None:
    """Print each answer on stdout as soon as it is known, until the reader closes it."""
    columns, titled = _fitted(answers.columns), False
    for answer in answers.rows:
        if json:
            printed = say(json_text.dumps(answer.fields), sys.stdout)
        elif answer.cells:
            titles = [] if titled else [[column.title for column in columns]]
            printed = all(_print_row(cells, columns) for cells in [*titles, answer.cells])
            titled = True
        else:
            continue
        if not printed:
            return


def _fitted(columns: Sequence[Column]) -> list[Column]:
    """Make the first column narrower where a terminal has no room for it."""
    first, *others = columns
    if not sys.stdout.isatty():
        return list(columns)
    room = get_terminal_size().columns - sum(column.width + 2 for column in others)
    return [first._replace(width=min(first.width, max(8, room))), *others]


def _print_row(cells: Sequence[str], columns: Sequence[Column]) -> bool:
    """Print a row; in a terminal the start of a cell that is too long is cut off."""
    padded = []
    for text, column in zip(map(printable, cells), columns, strict=True):
        cut = sys.stdout.isatty() and len(text) > column.width
        shown = f"...{text[3 - column.width :]}" if cut else text
        padded.append(f"{shown:{'>' if column.right else '<'}{column.width}}")
    return say("  ".join(padded).rstrip(), sys.stdout)


def _is_negative(text: str) -> bool:
    """Return whether `text` is a negative number, among which are -inf and -nan."""
    try:
        float(text)
    except ValueError:
        return False
    return text.startswith("-")
