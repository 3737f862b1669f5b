"""`nnlab doctor`: can the experiments run on this machine?"""

import sys
import textwrap
from collections.abc import Iterator
from typing import Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.console.stream import say
from nnlab.console.view import Lines
from nnlab.doctor.probe import LONGEST
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS
from nnlab.finding import Finding
from nnlab.runs.run_json import RUNS

app = typer.Typer()

ALL = ""  # in place of an experiment: the finding concerns all of them
INDENT = " " * 19  # below "fault  tensorflow  "
COLOURS = {"ok": "green", "warn": "yellow", "fault": "bold red"}

Patience = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", help="How long to wait for each library (default: 120; 1 to 86,400)"
    ),
]


@app.command(cls=Command, epilog="nnlab doctor\nnnlab doctor --json")
def doctor(*, patience: Patience = 120, json: Json = False, debug: Debug = False) -> None:
    """Check whether the experiments can run on this machine; tell what to do about each fault."""
    if not 1 <= patience <= LONGEST:  # also if it is not a number
        raise UsageError(f"--patience {patience:g}: give 1 to {LONGEST:,} seconds")
    found = []
    for experiment, finding in _examine(patience):
        found.append((experiment, finding))
        if not json:
            _print(finding)
    faults = {
        row: [each.name for of, each in found if each.state == "fault" and of in {ALL, row}]
        for row in EXPERIMENTS
        if EXPERIMENTS[row].checks
    }
    if json:
        from json import dumps

        can_run = {row: not wrong for row, wrong in faults.items()}
        findings = [{"experiment": of or None} | each._asdict() for of, each in found]
        say(dumps({"can_run": can_run, "findings": findings}, indent=2), sys.stdout)
    else:
        for row, wrong in faults.items():
            can = f"cannot run: {', '.join(wrong)}" if wrong else "can run"
            say(f"nnlab {row} {can}", sys.stdout)
    if any(faults.values()):
        raise typer.Exit(1)


def _examine(patience: float) -> Iterator[tuple[str, Finding]]:
    """Yield each finding, with the experiment that it concerns."""
    from pkgutil import resolve_name

    from nnlab.doctor.common import checks

    yield from ((ALL, finding) for finding in checks(RUNS, patience))
    for row in EXPERIMENTS.values():
        if row.checks:
            found = resolve_name(row.checks)(Lines().note, patience)
            yield from ((row.name, finding) for finding in found)


def _print(finding: Finding) -> None:
    """Print a finding: in a terminal in lines that fit, in a pipe on one line."""
    name, state, seen, advice = finding
    todo = f"to do: {advice}" if advice else ""
    if not sys.stdout.isatty():
        say(f"{state:<5}  {name:<10}  {'; '.join(filter(None, [seen, todo]))}", sys.stdout)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    width = max(console.width - len(INDENT), 20)
    text = [
        line for said in (seen, todo) for line in textwrap.wrap(said, width, break_on_hyphens=False)
    ]
    head = Text(f"{state:<5}", style=COLOURS[state]) + Text(f"  {name:<10}  ")
    console.print(head + Text(f"\n{INDENT}".join(text)), soft_wrap=True)
