"""`nnlab report`: a page about saved runs, in one file."""

import json as as_json
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.cli.arguments import RunArguments, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.files import write_text
from nnlab.outputs import output_path
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.reports.compare_page import ComparePage
    from nnlab.reports.run_page import RunPage

app = typer.Typer()

DEFAULT = Path("report.html")

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=f"The file to write; it may exist (default: {DEFAULT}, never over a file of yours).",
    ),
]  # fmt: skip


@app.command(cls=Command, epilog="nnlab report last\nnnlab report runs/cubic-* -o comparison.html")
def report(
    runs: RunArguments,
    output: Output = None,
    *,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a page about a run, or about the differences between several runs."""
    from nnlab.reports.page import render

    found = [saved_run(run) for run in runs]
    path = _place(output)
    write_text(path, render(_of_several(found) if len(found) > 1 else _of_one(found[0])))
    if json:
        about = {"report": str(path), "runs": [str(saved.path) for saved in found]}
        say(as_json.dumps(about | {"bytes": path.stat().st_size}, indent=2), sys.stdout)
    else:
        say(printable(path) if sys.stdout.isatty() else str(path), sys.stdout)


def _of_one(saved: SavedRun) -> "RunPage":
    from nnlab.reports.run_page import run_page

    experiment = experiment_of(saved)
    return run_page(
        saved, question=experiment.question, metrics=experiment.metrics,
        captions=experiment.captions, model=experiment.config,
        tables=resolve_name(experiment.tables) if experiment.tables else lambda _: [],
    )  # fmt: skip


def _of_several(runs: Sequence[SavedRun]) -> "ComparePage":
    from nnlab.cli.compare import compared
    from nnlab.reports.compare_page import compare_page

    experiment = experiment_of(runs[0])
    return compare_page(
        *compared(runs), question=experiment.question, captions=experiment.captions,
        model=experiment.config,
    )  # fmt: skip


def _place(output: Path | None) -> Path:
    """Return the file to write; UsageError if it would replace what a user needs."""
    from nnlab.reports.page import is_report

    path = output_path(output or DEFAULT, "-o", DEFAULT.name)
    if output is None and path.exists() and not is_report(path):
        raise UsageError(
            f"{path} exists, and is not a report of nnlab; name another file, or replace it with "
            f"-o {path}"
        )
    return path
