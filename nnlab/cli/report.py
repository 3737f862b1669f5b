"""`nnlab report`: a page about a saved run, in one file."""

import json as as_json
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated

import typer

from nnlab.cli.arguments import RunArgument, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.cli.outputs import output_file
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.files import write_text
from nnlab.text import printable

app = typer.Typer()

DEFAULT = Path("report.html")

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=f"The file to write; it may exist (default: {DEFAULT}, never over a file of yours).",
    ),
]  # fmt: skip


@app.command(
    cls=Command, epilog="nnlab report last\nnnlab report runs/fashion-0001 -o fashion.html"
)
def report(
    run: RunArgument,
    output: Output = None,
    *,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a page about a run: result, curves, pictures, config, how to run it again."""
    saved = saved_run(run)
    experiment = experiment_of(saved)
    path = _place(output)
    from nnlab.reports.page import render
    from nnlab.reports.run_page import run_page

    page = run_page(
        saved, question=experiment.question, metrics=experiment.metrics,
        captions=experiment.captions, model=experiment.config,
        tables=resolve_name(experiment.tables) if experiment.tables else lambda _: [],
    )  # fmt: skip
    write_text(path, render(page))
    if json:
        about = {"report": str(path), "run_dir": str(saved.path), "bytes": path.stat().st_size}
        say(as_json.dumps(about, indent=2), sys.stdout)
    else:
        say(printable(path) if sys.stdout.isatty() else str(path), sys.stdout)


def _place(output: Path | None) -> Path:
    """Return the file to write; UsageError if it would replace what a user needs."""
    from nnlab.reports.page import is_report

    path = output_file(output or DEFAULT, DEFAULT.name)
    if output is None and path.exists() and not is_report(path):
        raise UsageError(
            f"{path} exists, and is not a report of nnlab; name another file, or replace it with "
            f"-o {path}"
        )
    return path
