"""What the page of one run says, gathered from its directory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnlab.config.base import Config
from nnlab.metric import Metric
from nnlab.reports import settings
from nnlab.reports.charts import charts
from nnlab.reports.embedded import pictures
from nnlab.reports.ends import UNFINISHED, end_notes, or_empty
from nnlab.reports.environment import environment
from nnlab.reports.numbers import numbers
from nnlab.reports.parts import Chart, Command, Key, Number, Picture, Table
from nnlab.runs.columns import Columns
from nnlab.runs.saved import SavedRun
from nnlab.text import rerun_command, resume_line


@dataclass(frozen=True)
class RunPage:
    """The content of the page of one run.

    Attributes:
        name: of the run directory.
        findings: the verdict, if there is one.
        notes: what a reader should know before the numbers.
        report: lines of a result that is a text.
        others: files among the pictures that the page does not show, each with the reason.
    """

    template: ClassVar[str] = "run.html"

    name: str
    experiment: str
    question: str
    status: str
    findings: Sequence[str]
    notes: Sequence[str]
    report: Sequence[str]
    numbers: Sequence[Number]
    charts: Sequence[Chart]
    pictures: Sequence[Picture]
    others: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    keys: Sequence[Key]
    environment: Table
    commands: Sequence[Command]


def run_page(
    saved: SavedRun,
    *,
    question: str,
    metrics: Sequence[Metric],
    captions: Mapping[str, str],
    model: type[Config],
    tables: Callable[[SavedRun], Sequence[Table]],
) -> RunPage:
    """Return the content of the page of a run, unfinished or damaged ones included.

    Args:
        saved: the run.
        question: what its experiment asks.
        metrics: what its experiment measures, the headline first.
        captions: what to look for in its pictures.
        model: the model of its config.
        tables: finds the tables that the experiment adds.

    Raises:
        UsageError: run.json is missing or damaged.
    """
    record, notes = saved.record, end_notes(saved)
    none: Columns = {}
    columns = or_empty(lambda: saved.metrics, none, notes)
    if fault := or_empty(lambda: saved.metrics_fault, "", notes):
        notes.append(f"The curves end before their time: {fault} is damaged.")
    config = or_empty(lambda: saved.config, record.get("config", {}), notes)
    shown, others = pictures(saved.plots, captions)
    return RunPage(
        name=saved.path.resolve().name,
        experiment=saved.experiment,
        question=question,
        status=saved.status,
        findings=list(filter(None, [saved.verdict])),
        notes=notes,
        report=record.get("report", []),
        numbers=numbers(saved.summary, columns, metrics),
        charts=charts(columns, metrics),
        pictures=shown,
        others=others,
        tables=or_empty(lambda: tables(saved), [], notes),
        keys=settings.keys(config, model),
        environment=Table("Environment", ("what", "value"), environment(record)),
        commands=_commands(saved, settings.command(saved.experiment, config, model)),
    )


def _commands(saved: SavedRun, from_flags: str) -> list[Command]:
    """Return what to type to get this run again."""
    goes_on = [Command("Continue it", resume_line(saved.path))] * (saved.status in UNFINISHED)
    again = rerun_command(saved.experiment, saved.path)
    return [
        *goes_on,
        Command("Run it again from its run directory", again),
        Command("Run it again without its run directory", from_flags),
    ]
