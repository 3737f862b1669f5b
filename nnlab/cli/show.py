"""`nnlab show`: a saved run at a glance."""

import typer

from nnlab.cli.arguments import RunArgument, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.experiments import experiment_of

app = typer.Typer()


@app.command(cls=Command, epilog="nnlab show last\nnnlab show cubic-0001 --json")
def show(run: RunArgument, *, json: Json = False, debug: Debug = False) -> None:
    """Show a run: result, what to do next, curve, config, where it came from, files."""
    from nnlab.reports.glance import print_json, print_overview
    from nnlab.reports.overview import overview

    saved = saved_run(run)
    experiment = experiment_of(saved)
    found = overview(
        saved, metrics=experiment.metrics, model=experiment.config, asked=experiment.asked,
        comparable=bool(experiment.comparing),
    )  # fmt: skip
    (print_json if json else print_overview)(found)
