"""`nnlab sweep`: search the config keys of an experiment for the best values."""

import sys
from collections.abc import Callable, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nnlab.cli import sweep_options as options
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Jobs, Json, Ray
from nnlab.cli.sweep_results import (
    How,
    noting,
    print_files,
    print_results,
    refuse_lost,
    resume_command,
)
from nnlab.console.stream import say
from nnlab.console.view import Silent, open_view
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.runs.signals import Interrupted
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.sweep.plan import Plan
    from nnlab.sweep.store import SweepDirectory

app = typer.Typer()

SWEEPS = Path("sweeps")
ARGUMENTS = ("experiment", "items", "file")  # of `Asked`: no options, or named otherwise


@app.command(
    cls=Command,
    epilog="nnlab sweep cubic lr=0.001..0.1:log hidden=32,64,125 --trials 20\n"
    "nnlab sweep fashion --config sweep-fashion --dry-run\n"
    "nnlab sweep resume last --trials 40\n"
    "nnlab sweep show last --csv\n"
    "nnlab sweep list",
)
def sweep(  # noqa: PLR0913 - the options of a command
    what: options.What,
    items: options.Items = None,
    *,
    search: options.Search = None,
    trials: options.Trials = None,
    seed: options.Seed = None,
    metric: options.MetricName = None,
    direction: options.Direction = None,
    seeds: options.Seeds = None,
    race: options.Race = None,
    prune: options.Prune = None,
    reruns: options.Reruns = None,
    config: options.SpaceFile = None,
    base: options.BaseFile = None,
    preset: options.PresetName = None,
    jobs: Jobs = None,
    ray: Ray = None,
    time_budget: options.TimeBudget = None,
    name: options.Name = None,
    sweeps_dir: options.Parent = SWEEPS,
    dry_run: options.DryRun = False,
    csv: options.Csv = False,
    quiet: options.Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Search for the best values of config keys; run the best again on fresh seeds.

    resume takes --trials, --jobs, --ray, --time-budget and --json; show takes --json and --csv;
    list takes --json.
    """
    from nnlab.config.presets import space_file
    from nnlab.sweep.asked import Asked, planned
    from nnlab.sweep.opening import made, reopened

    asked = Asked(
        what, items or (), config and space_file(expanded(config)), base and expanded(base), preset,
        search, trials, seed, metric, direction, seeds, race, prune, reruns,
    )  # fmt: skip
    of_the_plan = {key: value for key, value in vars(asked).items() if key not in ARGUMENTS}
    options.refuse_misplaced(
        what, asked.items,
        of_the_plan | {
            "config": config, "jobs": jobs, "ray": ray, "time_budget": time_budget, "name": name,
            "dry_run": dry_run or None, "csv": csv or None, "json": json or None,
        },
    )  # fmt: skip
    how = How(jobs, ray, options.budget(time_budget), quiet, json)
    parent = expanded(sweeps_dir)
    if what == "list":
        _list(parent, json=json)
        return
    if what == "show":
        _show(reopened(Path(asked.items[0]), "show", parent), how, csv=csv)
        return
    if what == "resume":
        directory = reopened(Path(asked.items[0]), "resume", parent, trials)
        _run(lambda: directory, how, ())
        return
    plan, notes = planned(asked)
    if dry_run:
        _foretell(plan, how, notes)
        return
    command = provenance.command_line()
    _run(lambda: made(plan, parent, name, command), how, notes)


def _run(open_directory: Callable[[], "SweepDirectory"], how: How, notes: Sequence[str]) -> None:
    """Run a sweep, or go on with it; print what it found."""
    from nnlab.jobs.task import ClusterLost
    from nnlab.jobs.where import opened
    from nnlab.sweep.beginning import beginning, further, is_done
    from nnlab.sweep.runner import run_sweep
    from nnlab.sweep.words import unfinished
    from nnlab.sweep.written import write_results

    view, left = open_view((), quiet=how.quiet, ticking=True), ""
    try:
        with opened(how.jobs, how.ray, view) as pool, open_directory() as directory:
            left = f"to go on: {resume_command(directory)}"
            view.note(f"sweep directory: {directory.path}")
            for note in notes:
                view.note(f"note: {note}")
            if done := is_done(directory):
                view.note(f"nothing is left to do{further(directory)}")
            else:
                for note in beginning(directory.plan, how.jobs, how.ray, how.budget):
                    view.note(note)
            with directory.working():
                results = run_sweep(directory, pool, Silent() if done else view, how.budget)
            if unfinished(results):
                view.note("the time of --time-budget was over before all runs had begun")
                directory.note("interrupted")
            view.close()
            print_results(results, directory, how)
            with noting():
                write_results(results, directory)
        print_files(directory, how)
    except Interrupted as stop:
        raise stop.as_error(left) from None
    except ClusterLost as lost:
        raise lost.as_error(left) from None
    finally:
        view.close()
    refuse_lost(results, directory)


def _show(directory: "SweepDirectory", how: How, *, csv: bool) -> None:
    """Print what a sweep found, read again from its runs."""
    from nnlab.sweep.cohorts import read_sweep
    from nnlab.sweep.table import trials_csv
    from nnlab.sweep.written import write_results, written_files

    results, _ = read_sweep(directory)
    if csv:
        say(trials_csv(results).rstrip("\n"), sys.stdout)
        return
    print_results(results, directory, how)
    if not written_files(directory):
        with noting(), directory:
            write_results(results, directory)
    print_files(directory, how)


def _list(parent: Path, *, json: bool) -> None:
    """Print the sweeps of a folder."""
    from nnlab.sweep.listing import print_sweeps, sweeps_in

    found = sweeps_in(parent)
    if json:
        say(dumps(found, indent=2), sys.stdout)
    elif found:
        print_sweeps(found)
    else:
        example = "nnlab sweep cubic lr=0.001..0.1:log hidden=32,64"
        say(f"there are no sweeps in {printable(parent)}; to begin one: {example}", sys.stderr)


def _foretell(plan: "Plan", how: How, notes: Sequence[str]) -> None:
    """Print the trials of a sweep, and what it would take; make nothing."""
    from nnlab.cores import cores
    from nnlab.jobs.where import check
    from nnlab.sweep.dry_run import foretold, print_foretold

    check(how.jobs, how.ray)
    view = open_view((), quiet=how.quiet, ticking=True)
    if how.ray and how.jobs is None:
        notes = [*notes, f"the cluster is not asked: this is for {cores()} runs at a time (--jobs)"]
    for note in notes:
        view.note(f"note: {note}")
    try:
        found = foretold(plan, how.jobs or cores(), view)
    except Interrupted as stop:
        raise stop.as_error("nothing was made") from None
    finally:
        view.close()
    if how.json:
        say(dumps(found.as_json(), indent=2), sys.stdout)
    else:
        print_foretold(found)
