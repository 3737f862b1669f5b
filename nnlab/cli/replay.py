"""`nnlab replay`: the exact state of a run at any of its steps."""

import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab import files, inputs
from nnlab.cli.arguments import RunArgument, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Force, Json
from nnlab.cli.stopping import stoppable
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.outputs import new_output
from nnlab.runs.saved import SavedRun
from nnlab.text import columns, printable

if TYPE_CHECKING:
    from nnlab.reports.replayed import Replayed

app = typer.Typer()

Step = Annotated[
    int | None,
    typer.Option(
        "--step", metavar="N",
        help="The state after N gradient steps, 0 is the start; fashion: after N epochs (default: "
        "the last, and compare it with model.npz).",
    ),
]  # fmt: skip
Epoch = Annotated[
    int | None,
    typer.Option("--epoch", metavar="N", help="The state after N epochs, instead of --step."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE.npz", help="Write the weights to this file."),
]
Plots = Annotated[
    Path | None,
    typer.Option("--plots", metavar="DIR", help="Draw the pictures of this state into a folder."),
]


@app.command(
    cls=Command,
    epilog="nnlab replay last --step 2000\n"
    "nnlab replay runs/cubic-0001 --step 500 -o params.npz --plots step-500",
)
def replay(
    run: RunArgument,
    *,
    step: Step = None,
    epoch: Epoch = None,
    output: Output = None,
    plots: Plots = None,
    force: Force = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Bring back the exact state of a run at a step, by training it again to there."""
    from nnlab.replays.replay import caution
    from nnlab.replays.replay import replay as bring_back
    from nnlab.reports.replayed import Asked

    if step is not None and epoch is not None:
        raise UsageError("--step and --epoch contradict each other: give one of them")
    saved = saved_run(run)
    if output and output.suffix != ".npz":
        raise UsageError(
            f"-o {printable(output)}: the weights are written as .npz; give such a name"
        )
    path = output and new_output(output, "-o", "params.npz", force=force)
    folder = plots and new_output(plots, "--plots", "plots", folder=True, force=force)
    with stoppable(open_view(experiment_of(saved).metrics, quiet=False)) as view:
        found = bring_back(saved, Asked(view, step, epoch))
    if note := caution(saved, found):
        say(printable(note), sys.stderr)
    written = _write(found, path, folder)
    if json:
        say(dumps(_as_json(saved, found) | written, indent=2), sys.stdout)
    else:
        _print(saved, found, written)


def _write(found: "Replayed", path: Path | None, folder: Path | None) -> dict[str, object]:
    """Write weights and pictures; return what was written, by the names of the JSON."""
    from nnlab.exports.arrays import write_npz

    written: dict[str, object] = {}
    if path:
        with files.replacing(path) as file:
            write_npz(file, found.weights)
        written |= {"output": str(path), "sha256": inputs.digest(path)}
    if folder:
        from nnlab.reports.pictures import write_pictures

        paths = write_pictures(folder, found.draw(), replace=True)
        written["pictures"] = [str(each) for each in paths]
    return written


def _as_json(saved: SavedRun, found: "Replayed") -> dict[str, object]:
    return {
        "run_dir": str(saved.path),
        found.unit: found.at,
        f"{found.unit}s": found.total,
        "computed_from": found.began,
        "equal_to_model": found.equal,
        "log_point": found.logged or None,
        **{each.name: each.value for each in found.measured},
    }


def _print(saved: SavedRun, found: "Replayed", written: dict[str, object]) -> None:
    lines = [
        f"{saved.path} at {found.unit} {found.at:,} of {found.total:,}, from {found.began}",
        *["its weights are those of model.npz, to the bit"] * bool(found.equal),
        *[found.logged] * bool(found.logged),
        *columns(
            [[each.name, f"{each.value:.6g}", each.meaning] for each in found.measured],
            right=[False, True, False],
        ),
    ]
    if "output" in written:
        lines.append(f"wrote {written['output']} (SHA-256 {written['sha256']})")
    if isinstance(pictures := written.get("pictures"), list):
        lines.append(f"wrote {', '.join(pictures)}")
    say("\n".join(map(printable, lines)), sys.stdout)
