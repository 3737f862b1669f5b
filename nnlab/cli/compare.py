"""`nnlab compare`: what differs between runs, and whether it is more than luck."""

import shutil
import sys
from collections.abc import Sequence
from json import dumps
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nnlab.cli.arguments import RunArguments, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.console.stream import say
from nnlab.runs.saved import SavedRun
from nnlab.text import columns, printable

if TYPE_CHECKING:
    from nnlab.reports.compare import Comparison
    from nnlab.reports.comparing import Comparing
    from nnlab.reports.parts import Table

app = typer.Typer()

FOLDER = Path("comparison")
OutputFolder = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="DIR", help="Folder of the pictures (default: comparison)."
    ),
]
Axis = Annotated[
    Literal["step", "samples", "epoch", "seconds"] | None,
    typer.Option(
        "--x",
        metavar="AXIS",
        help="step, samples, epoch or seconds: draw all metrics over it (default: the first metric "
        "over all four).",
    ),
]


def _metrics(incomplete: str) -> list[str]:
    """Return the metrics of all experiments whose runs can be compared."""
    from nnlab.experiments import EXPERIMENTS

    rows = [row for row in EXPERIMENTS.values() if row.comparing]
    names = dict.fromkeys(metric.name for row in rows for metric in row.metrics)
    return [name for name in names if name.startswith(incomplete)]


MetricNames = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", metavar="NAME", autocompletion=_metrics,
        help="Compare only this metric; may be given several times.",
    ),
]  # fmt: skip
AllKeys = Annotated[
    bool,
    typer.Option("--all-keys", metavar="", help="Show also the keys that do not differ."),
]


@app.command(
    cls=Command,
    epilog="nnlab compare runs/cubic-0001 runs/cubic-0002\n"
    "nnlab compare runs/cubic-* --x seconds --metric rmse -o seconds",
)
def compare(
    runs: RunArguments,
    *,
    output: OutputFolder = None,
    x: Axis = None,
    metric: MetricNames = None,
    all_keys: AllKeys = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Compare runs: what differs, last and best of each metric, differences with intervals."""
    from nnlab.reports.compare_json import as_json
    from nnlab.reports.compare_plots import figures
    from nnlab.reports.pictures import write_pictures

    found, comparing = compared([saved_run(run) for run in runs])
    found = found.only(metric) if metric else found
    drawn = figures(found, comparing, x=x, named=bool(metric))
    pictures = write_pictures(output or FOLDER, drawn.figures, replace=output is not None)
    notes = [*found.notes, *drawn.notes]
    if json:
        content = as_json(found) | {"notes": notes, "pictures": [str(path) for path in pictures]}
        say(dumps(content, indent=2), sys.stdout)
        return
    _print(found, all_keys=all_keys)
    lines = [f"note: {note}" for note in notes]
    lines += [f"pictures: {', '.join(map(str, pictures))}"] * bool(pictures)
    say("\n".join(map(printable, lines)), sys.stdout)


def compared(runs: Sequence[SavedRun]) -> "tuple[Comparison, Comparing]":
    """Compare runs of one experiment; return the comparison, and what the experiment knows.

    Raises:
        UsageError: the runs cannot be compared.
        DataError: a file of a run cannot be read, or is damaged.
    """
    from nnlab.experiments import experiment_of
    from nnlab.reports.compare import compare

    experiment = experiment_of(runs[0], "comparing")
    comparing: Comparing = resolve_name(experiment.comparing)
    return compare(runs, experiment.config, experiment.metrics, comparing), comparing


def _print(found: "Comparison", *, all_keys: bool) -> None:
    """Print the tables; in a terminal, metrics of many groups have a row a group."""
    from nnlab.reports.compare_rows import metric_table, tables
    from nnlab.reports.table import print_table

    for each in tables(found, all_keys=all_keys):
        long = each.title == "metrics" and sys.stdout.isatty() and _too_wide(each)
        table = metric_table(found, long=True) if long else each
        print_table(table.header, table.rows, right=table.right)
        say("", sys.stdout)


def _too_wide(table: "Table") -> bool:
    lines = columns([table.header, *table.rows])
    return max(map(len, lines)) > shutil.get_terminal_size().columns
