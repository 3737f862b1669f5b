"""Print what is known of a saved run: in a terminal with a fine curve, elsewhere plain."""

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence

from nnlab.console.stream import say
from nnlab.reports.curve import draw
from nnlab.reports.numbers import is_wide
from nnlab.reports.overview import Overview
from nnlab.reports.table import in_terminal, print_heading, print_table
from nnlab.text import columns, printable, size

WIDEST, HEIGHT = 100, 16  # of the curve, in characters
MOST_FILES = 50  # listed


def print_json(run: Overview) -> None:
    """Print it as one JSON object."""
    say(json.dumps(run.json(), indent=2), sys.stdout)


def print_overview(run: Overview) -> None:
    """Print result, next steps, curve, metrics, config, environment, files."""
    said = [run.result, *run.saved.record.get("report", []), run.saved.verdict, *run.notes]
    say("\n".join(printable(line) for line in said if line), sys.stdout)
    print_heading("What to do next")
    _print_pairs([(step.why, step.line) for step in run.steps])
    _print_curve(run)
    if run.numbers:
        print_heading("Metrics")
        print_table(
            ("metric", "value", "unit", "best"),
            [(each.name, each.value, each.unit, each.best) for each in run.numbers],
            right=("value",),
        )
    print_heading("Config")
    print_table(
        ("key", "value", "source"),
        [(key.name, key.value, run.sources.get(key.name, "")) for key in run.keys],
        faint=[index for index, key in enumerate(run.keys) if not key.differs],
    )
    print_heading("Environment")
    _print_pairs([(fact.name, fact.value) for fact in run.environment], wrap=True)
    _print_files(run)


def _print_curve(run: Overview) -> None:
    if run.curve is None:
        return
    metric, (at, x) = run.curve, next(iter(run.columns.items()))
    over = run.over or at
    log = is_wide([metric], run.columns)
    unit = f" ({metric.unit})" if metric.unit else ""
    print_heading(f"{metric.name}{unit} over {over}{', logarithmic' if log else ''}")
    fine = in_terminal() and (sys.stdout.encoding or "").lower() == "utf-8"
    lines = draw(
        x, run.columns[metric.name], x_name=over, log=log, fine=fine, height=HEIGHT,
        width=min(shutil.get_terminal_size().columns - 1, WIDEST),
    )  # fmt: skip
    say("\n".join(lines), sys.stdout)


def _print_files(run: Overview) -> None:
    files = run.saved.files
    print_heading(f"Files ({len(files):,}, {size(sum(files.values()))})")
    _print_pairs([(name, size(count)) for name, count in list(files.items())[:MOST_FILES]])
    if len(files) > MOST_FILES:
        say(f"and {len(files) - MOST_FILES:,} more", sys.stdout)


def _print_pairs(rows: Sequence[tuple[str, str]], *, wrap: bool = False) -> None:
    """Print names and what belongs to them; in a terminal long texts are wrapped if `wrap`."""
    if not rows:
        return
    if wrap and in_terminal():
        room = shutil.get_terminal_size().columns - 2 - max(len(name) for name, _ in rows)
        parts = ((name, textwrap.wrap(text, max(room, 20))) for name, text in rows)
        rows = [("" if i else name, line) for name, text in parts for i, line in enumerate(text)]
    say("\n".join(columns([(printable(name), printable(text)) for name, text in rows])), sys.stdout)
