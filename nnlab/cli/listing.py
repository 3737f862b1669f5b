"""`nnlab runs`: the runs of a folder."""

import os
import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS
from nnlab.metric import Metric
from nnlab.paths import expanded
from nnlab.reports import filters, listing
from nnlab.reports.entries import BEST, FACTS, read_entries
from nnlab.runs.collection import begun
from nnlab.runs.run_json import RUNS
from nnlab.text import printable

app = typer.Typer()


def key_names(incomplete: str) -> list[str]:
    """Return the names by which runs can be filtered and sorted, for the shell's completion."""
    return sorted(name for name in _declared() if name.startswith(incomplete))


def column_names(incomplete: str) -> list[str]:
    """Return what the last name of a list, `name,l`, may become."""
    before, comma, begin = incomplete.rpartition(",")
    return [before + comma + name for name in key_names(begin)]


Filters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILTER",
        help="Conditions that a run must meet: lr=0.01, status=diverged, 'rmse<=0.05', 'age<=2d'.",
        autocompletion=key_names,
        rich_help_panel="Arguments",
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(
        metavar="KEY", autocompletion=key_names,
        help="Sort by a key, a metric (best first), name or age; default: the newest first.",
    ),
]  # fmt: skip
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="KEY,KEY,...", autocompletion=column_names,
        help="The columns; default: what tells the listed runs apart, and their headline metrics.",
    ),
]  # fmt: skip
Csv = Annotated[bool, typer.Option("--csv", metavar="", help="Print CSV, all digits, in seconds.")]
RunsDir = Annotated[
    Path | None, typer.Option(metavar="PATH", help="The folder of the runs (default: runs).")
]


@app.command(
    cls=Command,
    epilog="nnlab runs experiment=cubic --sort rmse\n"
    "nnlab runs status=diverged --columns name,lr,age",
)
def runs(
    filter: Filters = None,  # noqa: A002 - the name in help
    *,
    sort: Sort = None,
    columns: Columns = None,
    csv: Csv = False,
    json: Json = False,
    runs_dir: RunsDir = None,
    debug: Debug = False,
) -> None:
    """List the runs of a folder: status, what differs between them, headline metrics."""
    if json and csv:
        raise UsageError("--json and --csv exclude each other")
    parent = expanded(runs_dir or RUNS)
    if runs_dir and not os.path.isdir(parent):  # noqa: PTH112 - Path's raises for an impossible name
        raise UsageError(f"{printable(parent)}: there is no such folder")
    entries = read_entries(parent, {name: row.metrics for name, row in EXPERIMENTS.items()})
    known = listing.known_keys(entries, _declared())
    names = [_known(name, known) for name in columns.split(",")] if columns else None
    conditions = [filters.parse(text, known, _switches()) for text in filter or ()]
    listed = [entry for entry in entries if filters.admitted(conditions, entry.values)]
    if sort:
        listed = listing.ordered(listed, _known(sort, known), _metrics())
    for entry in listed if not json else ():
        if entry.note:
            say(printable(f"note: {entry.saved.path}: {entry.note}"), sys.stderr)
    if json:
        listing.print_json(listed)
    elif csv:
        listing.print_csv(listed, names)
    elif listed:
        listing.print_entries(listed, names)
    else:
        say(_none(parent, filtered=bool(entries)), sys.stderr)


def _known(key: str, known: Collection[str]) -> str:
    key = key.strip().replace("-", "_")
    filters.check_key(key, known)
    return key


def _metrics() -> list[Metric]:
    return [metric for row in EXPERIMENTS.values() for metric in row.metrics]


def _declared() -> set[str]:
    """Return the names of all facts, config keys and metrics."""
    keys = {key for row in EXPERIMENTS.values() for key in row.config.model_fields}
    metrics = _metrics()
    best = {BEST + m.name for m in metrics if m.direction and not m.of_the_clock}
    return {*FACTS, *keys, *best, *(metric.name for metric in metrics)}


def _switches() -> set[str]:
    """Return the config keys that are true or false."""
    fields = [field for row in EXPERIMENTS.values() for field in row.config.model_fields.items()]
    other = {key for key, field in fields if field.annotation is not bool}
    return {key for key, _ in fields} - other


def _none(parent: Path, *, filtered: bool) -> str:
    if filtered:
        return "no run meets these conditions; `nnlab runs` lists all"
    others = [*begun("sweep", Path("sweeps")), *begun("study", Path("studies"))]
    example = shlex.join(["nnlab", "runs", "--runs-dir", str(others[0] / "runs")]) if others else ""
    hint = f"; sweeps and studies keep their own: {example}" * bool(others)
    return f"there are no runs in {printable(parent)}; to make one: nnlab cubic{hint}"
