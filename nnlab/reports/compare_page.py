"""What the page of several runs says: their comparison."""

import io
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from matplotlib.figure import Figure

from nnlab.config.base import Config
from nnlab.plots import write_png
from nnlab.reports import settings
from nnlab.reports.compare import Comparison
from nnlab.reports.compare_plots import figures
from nnlab.reports.compare_rows import metric_table, tables
from nnlab.reports.comparing import Comparing
from nnlab.reports.embedded import from_png
from nnlab.reports.environment import OF_ONE, environment
from nnlab.reports.group_plots import READ_AS
from nnlab.reports.parts import Chart, Command, Key, Picture, Table
from nnlab.reports.svg import inline
from nnlab.runs.saved import SavedRun
from nnlab.text import rerun_command

MOST_SVG = 1_000_000  # characters of a chart; with more, many long runs, it is a picture of pixels
GROUPS = ("runs", "keys")  # the tables that say what A and B are
READ = {  # title of a table -> how to read it
    "runs": "The runs of a group differ in their seed only.",
    "keys": "The keys in which the groups differ.",
    "metrics": "The mean over the runs of a group, with half its 95% interval (Student's t). One "
    "run, or equal values, have no interval.",
    "differences": "The difference of a group from the first one, with half its 95% interval; n "
    "runs were used. Unclear: the difference is within its interval, or within the noise of the "
    "test set, so it may be luck.",
}


@dataclass(frozen=True)
class ComparePage:
    """The content of the page of several runs.

    Attributes:
        findings: what the comparison says of the headline metric, one line a pair of groups.
        notes: what a reader must know, such as a run that did not end.
        groups: tables of what each group is; a reader needs them before the pictures.
        tables: the other tables of the comparison.
        keys: the keys that all groups share.
    """

    template: ClassVar[str] = "compare.html"

    name: str
    experiment: str
    question: str
    findings: Sequence[str]
    notes: Sequence[str]
    groups: Sequence[Table]
    tables: Sequence[Table]
    charts: Sequence[Chart]
    pictures: Sequence[Picture]
    keys: Sequence[Key]
    environment: Table
    commands: Sequence[Command]


def compare_page(
    found: Comparison,
    comparing: Comparing,
    *,
    question: str,
    captions: Mapping[str, str],
    model: type[Config],
) -> ComparePage:
    """Return the content of the page of a comparison.

    Args:
        found: the comparison.
        comparing: what the experiment knows about its runs.
        question: what the experiment asks.
        captions: what to look for in its pictures.
        model: the model of its config.
    """
    drawn = figures(found, comparing)
    alone = all(len(group.members) == 1 for group in found.groups)
    lines = "Each line is a run." if alone else f"{READ_AS}.".capitalize()
    known = {"comparison.png": lines, **captions}
    parts = [_part(name, figure, known.get(name, "")) for name, figure in drawn.figures.items()]
    runs = [member.saved for group in found.groups for member in group.members]
    shared = {k: v for k, v in runs[0].config.items() if k not in {*found.changed, "seed"}}
    read = [table._replace(caption=READ[table.title]) for table in tables(found)]
    return ComparePage(
        name=f"{len(runs)} runs of {found.experiment}",
        experiment=found.experiment,
        question=question,
        findings=list(_findings(found)),
        notes=[*found.notes, *drawn.notes],
        groups=[table for table in read if table.title in GROUPS],
        tables=[table for table in read if table.title not in GROUPS],
        charts=[part for part in parts if isinstance(part, Chart)],
        pictures=[part for part in parts if isinstance(part, Picture)],
        keys=settings.keys(shared, model),
        environment=_environment(runs),
        commands=[
            *(Command(run.path.name, rerun_command(run.experiment, run.path)) for run in runs),
            Command(
                "Compare them in a terminal",
                shlex.join(["nnlab", "compare", *(str(run.path) for run in runs)]),
            ),
        ],
    )


def _findings(found: Comparison) -> Iterator[str]:
    """Yield the differences in the first metric that has a better direction, in words.

    Without differences, yield the first metric of each group.
    """
    rows = next((table.rows for table in tables(found) if table.title == "differences"), [])
    for metric, at, group, spread in [] if rows else metric_table(found, long=True).rows:
        if (metric, at) == (found.measures[0].metric.name, found.measures[0].which):
            yield f"{metric} ({at}) of group {group}: {spread}"
    for metric, at, pair, difference, *_, says in rows:
        if (metric, at) == tuple(rows[0][:2]):
            yield f"{metric} ({at}): {pair} is {difference}: {says}"


def _part(name: str, figure: Figure, caption: str) -> Chart | Picture:
    """Return a figure as part of the page; one with an image in it keeps its own colours."""
    stem = Path(name).stem
    title = stem.replace("-", " ").capitalize()
    svg = inline(figure, f"{title}: {caption}", f"{stem}-")
    if "<image" not in svg and len(svg) <= MOST_SVG:
        return Chart(title, svg, caption)
    file = io.BytesIO()
    write_png(figure, file)
    return from_png(title, file.getvalue(), caption)


def _environment(runs: Sequence[SavedRun]) -> Table:
    """Return where the runs came from, but for the times: a row a value, with its runs."""
    having: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        for fact in environment(run.record):
            if fact.name in OF_ONE:
                continue
            names = having.setdefault((fact.name, fact.value), [])
            names.extend([run.path.name] * (run.path.name not in names))
    rows = [
        (name, value, "all" if len(names) == len(runs) else ", ".join(names))
        for (name, value), names in having.items()
    ]
    first = [name for name, *_ in rows]
    rows.sort(key=lambda row: first.index(row[0]))  # the values of one name together
    return Table("Environment", ("what", "value", "runs"), rows)
