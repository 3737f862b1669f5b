"""Print what a sweep found: how its trials ended, the best of them, and what to do next."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from nnlab.console.stream import say
from nnlab.reports.table import print_heading, print_table
from nnlab.runs.collection import from_here
from nnlab.sweep.cautions import cautions
from nnlab.sweep.page_tables import best_table
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import Results
from nnlab.sweep.words import counted, honest, reasons, unfinished
from nnlab.text import printable, rerun_command


def print_sweep(results: Results, directory: SweepDirectory) -> None:
    """Print what a sweep found."""
    print_heading(counted(results))
    best = results.best
    if best is not None:
        table = best_table(results)
        print_table(table.header, table.rows, right=table.right)
        if more := len(results.ranked) - len(table.rows):
            show = shlex.join(["nnlab", "sweep", "show", from_here(directory.path), "--csv"])
            say(f"... and {more:,} more: {printable(show)}", sys.stdout)
        say("", sys.stdout)
    say(honest(results), sys.stdout)
    for caution in cautions(results):
        say(caution, sys.stdout)
    for reason in reasons(results):
        say(printable(reason), sys.stdout)
    say(f"sweep directory: {printable(directory.path)}", sys.stdout)
    if best is not None:
        first = directory.run_dir(best.number, results.plan.first_seed)
        again = rerun_command(results.plan.experiment, Path(from_here(first)))
        say(f"run the best again: {again}", sys.stdout)
        say(f"on a fresh seed:    {again} --seed {results.plan.fresh.stop}", sys.stdout)
    if unfinished(results):
        resume = shlex.join(["nnlab", "sweep", "resume", from_here(directory.path)])
        say(f"to go on: {resume}", sys.stdout)


def print_files(written: Sequence[Path]) -> None:
    """Print where the files about a sweep are, the page first."""
    if written:
        page, *others = written
        more = f"  ({', '.join(path.name for path in others)})" * bool(others)
        say(f"page: {printable(page)}{printable(more)}", sys.stdout)
