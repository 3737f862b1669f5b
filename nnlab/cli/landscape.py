"""`nnlab landscape`: the loss over the plane in which a run moved."""

import sys
from json import dumps
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab import files
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
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.cubic.landscape import Landscape

app = typer.Typer()

NEAR = 1.1  # times the loss of the run: closer than that, the plane is the run
DEFAULT = Path("landscape.png")
Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE.png", help=f"The picture (default: {DEFAULT})."),
]


@app.command(
    cls=Command,
    epilog="nnlab landscape last:cubic\nnnlab landscape runs/cubic-0001 -o plane.png --json",
)
def landscape(
    run: RunArgument,
    *,
    output: Output = DEFAULT,
    force: Force = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Draw the loss over the plane in which a run of cubic mostly moved."""
    saved = saved_run(run)
    function = resolve_name(experiment_of(saved, "landscape").landscape)
    if output.suffix != ".png":
        raise UsageError(f"-o {printable(output)}: the picture is a PNG; give a name with .png")
    path = new_output(output, "-o", DEFAULT.name, force=force)
    with stoppable(open_view((), quiet=False)) as view:
        found: Landscape = function(saved, view)
    from nnlab.cubic.landscape_plot import landscape_figure
    from nnlab.plots import write_png
    from nnlab.replays.replay import doubt, other_end

    if found.equal is False:
        raise other_end(saved, f"step {found.steps[-1]:,}")
    if found.equal is None and (note := doubt(saved, "this path")):
        say(printable(note), sys.stderr)
    with files.replacing(path) as file:
        write_png(landscape_figure(found), file)
    if json:
        say(dumps(_as_json(saved, found) | {"picture": str(path)}, indent=2), sys.stdout)
    else:
        lines = [*_lines(saved, found), f"wrote {path}"]
        say("\n".join(map(printable, lines)), sys.stdout)


def _lines(saved: SavedRun, found: "Landscape") -> list[str]:
    one, two = found.plane.shares
    pairs = zip(found.of_projections, found.of_path, strict=True)
    apart = [max(both) / min(both) if min(both) > 0 else 1.0 for both in pairs]
    far = max(range(len(apart)), key=apart.__getitem__)
    share = f"{one + two:.1%} of the variance of {len(found.steps)} states"
    ends = f"{found.of_path[0]:.4g} at the start, {found.of_path[-1]:.4g} at the end"
    there = f"{found.of_projections[far]:.4g}, that of the run {found.of_path[far]:.4g}"
    lines = [
        f"{saved.path}: the plane holds {share} (direction 1: {one:.1%}, direction 2: {two:.1%})",
        f"loss over {found.points:,} training points: {ends}",
        *["the path ends at model.npz, to the bit"] * bool(found.equal),
    ]
    if apart[far] < NEAR:
        return lines
    said = f"the plane is farthest from the run at step {found.steps[far]:,}: its loss is {there}"
    return [*lines, said]


def _as_json(saved: SavedRun, found: "Landscape") -> dict[str, object]:
    return {
        "run_dir": str(saved.path),
        "equal_to_model": found.equal,
        "share_of_variance": sum(found.plane.shares),
        "shares": list(found.plane.shares),
        "points": found.points,
        "steps": found.steps,
        "path": found.plane.path.tolist(),
        "loss_of_path": found.of_path.tolist(),
        "loss_of_projections": found.of_projections.tolist(),
        "a": found.a.tolist(),
        "b": found.b.tolist(),
        "losses": found.losses.tolist(),
    }
