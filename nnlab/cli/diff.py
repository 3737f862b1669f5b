"""`nnlab diff`: in which keys two runs differ, and at which step their trajectories part."""

import sys
from json import dumps
from typing import Annotated

import typer

from nnlab.cli.arguments import WHICH_RUN, run_names, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json, NoProgress
from nnlab.cli.stopping import stoppable
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.text import printable

app = typer.Typer()

First = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help=WHICH_RUN, autocompletion=run_names, rich_help_panel="Arguments"
    ),
]
Second = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The other run.", autocompletion=run_names, rich_help_panel="Arguments"
    ),
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance", metavar="T", min=0,
        help="cubic: a block of weights parts where its largest difference is more than T times "
        "its largest number; 0: where a bit differs (default: 0; for two engines, float types or "
        "blas_threads 1.5e-8, with float32 3.5e-4).",
    ),
]  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab diff cubic-0001 cubic-0002\nnnlab diff cubic-0001 last --tolerance 1e-6 --json",
)
def diff(
    first: First,
    second: Second,
    *,
    tolerance: Tolerance = None,
    quiet: NoProgress = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Find the config keys in which two runs differ, and the step at which they part."""
    from nnlab.replays.diff import diff as found_in
    from nnlab.replays.printed import print_diff
    from nnlab.replays.replay import doubt

    runs = [saved_run(text) for text in (first, second)]
    with stoppable(open_view((), quiet=quiet)) as view:
        found = found_in(runs, tolerance, view)
    if found.parting:
        for saved in runs:
            if note := doubt(saved, f"the replay of {saved.path}"):
                say(printable(note), sys.stderr)
    if json:
        names = {"runs": [str(saved.path) for saved in runs]}
        say(dumps(names | found.as_json(), indent=2), sys.stdout)
    else:
        print_diff(found, runs)
