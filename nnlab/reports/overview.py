"""`nnlab show`: what is known of a saved run, the result first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nnlab.config.base import Config
from nnlab.metric import Metric
from nnlab.reports import settings
from nnlab.reports.ends import end_notes, or_empty
from nnlab.reports.environment import environment
from nnlab.reports.next_steps import next_steps
from nnlab.reports.numbers import Columns, best_point, numbers
from nnlab.reports.parts import Command, Fact, Key, Number
from nnlab.runs.saved import SavedRun


@dataclass(frozen=True)
class Overview:
    """What is known of a run.

    Attributes:
        saved: the run.
        result: the headline in words, and how the run ended.
        notes: lines about its end, and about files that are damaged.
        steps: what to do next.
        columns: those of metrics.csv.
        curve: the metric whose curve tells most; None without log points.
        over: what the first column counts.
        numbers: the final metrics.
        best: metric -> its best log point: `value`, and the first column (step, epoch) there.
        keys: of the config.
        sources: key -> where its value came from.
        environment: where the run came from.
    """

    saved: SavedRun
    result: str
    notes: Sequence[str]
    steps: Sequence[Command]
    columns: Columns
    curve: Metric | None
    over: str
    numbers: Sequence[Number]
    best: dict[str, dict[str, float]]
    keys: Sequence[Key]
    sources: dict[str, str]
    environment: Sequence[Fact]

    def json(self) -> dict[str, Any]:
        """Return it for `--json`: what run.json holds, and what only the other files tell."""
        return {
            "run_dir": str(self.saved.path), **self.saved.record, "status": self.saved.status,
            "best": self.best,
            "last": {name: column[-1] for name, column in self.columns.items()},
            "sources": self.sources, "files": self.saved.files, "notes": list(self.notes),
            "next": [step.line for step in self.steps],
        }  # fmt: skip


def overview(
    saved: SavedRun,
    *,
    metrics: Sequence[Metric],
    model: type[Config],
    asked: str,
    comparable: bool,
) -> Overview:
    """Gather what is known of a run; a damaged file beside run.json becomes a note.

    Args:
        saved: the run.
        metrics: what its experiment measures, the headline first.
        model: the model of its config.
        asked: as in `next_steps`.
        comparable: as in `next_steps`.

    Raises:
        UsageError: run.json is missing or damaged.
    """
    record = saved.record
    notes = end_notes(saved)
    columns: Columns = or_empty(lambda: saved.metrics, {}, notes)
    if columns and saved.metrics_fault:
        notes.append(f"{saved.metrics_fault} is damaged; only the log points before it are shown")
    config = or_empty(lambda: saved.config, record.get("config", {}), notes)
    curve = next((m for m in metrics if best_point(m, columns)), None)
    found = numbers(saved.summary, columns, metrics)
    return Overview(
        saved=saved,
        result=f"{saved.path}: {', '.join([*_headline(found, metrics, curve), saved.status])}",
        notes=notes,
        steps=list(next_steps(saved, model, asked=asked, comparable=comparable)),
        columns=columns,
        curve=curve,
        over=next((m.unit for m in metrics if m.name == next(iter(columns), "")), ""),
        numbers=found,
        best=dict(_best(metrics, columns)),
        keys=settings.keys(config, model),
        sources=or_empty(lambda: saved.sources, {}, []),
        environment=environment(record),
    )


def _headline(
    found: Sequence[Number], metrics: Sequence[Metric], curve: Metric | None
) -> Iterator[str]:
    """Yield the headline metric, and the first that was logged, each with its best value."""
    wanted = {metric.name for metric in (*metrics[:1], curve) if metric}
    for number in found:
        if number.name in wanted:
            logged = f" (best {number.best})" if number.best else ""
            yield f"{number.name} {number.value}{logged}"


def _best(metrics: Sequence[Metric], columns: Columns) -> Iterator[tuple[str, dict[str, float]]]:
    for metric in metrics:
        if found := best_point(metric, columns):
            value, at, x = found
            yield metric.name, {"value": value, at: x}
