"""`nnlab scrub`: a page with a slider over the steps of a run."""

import json as as_json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.cli.arguments import RunArguments, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Force, Json
from nnlab.cli.stopping import stoppable
from nnlab.config.fields import as_typed
from nnlab.console.stream import say
from nnlab.console.view import View, open_view
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.files import write_text
from nnlab.outputs import new_output
from nnlab.runs.saved import SavedRun
from nnlab.text import printable, rerun_command, resume_line

if TYPE_CHECKING:
    from nnlab.reports.film import Film

app = typer.Typer()

DEFAULT = Path("scrub.html")
MOST_RUNS = 2

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=f"The file to write (default: {DEFAULT}).",
    ),
]  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab scrub last:cubic\n"
    "nnlab scrub runs/cubic-0001 runs/cubic-0002 -o side-by-side.html",
)
def scrub(
    runs: RunArguments,
    output: Output = None,
    *,
    force: Force = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a page with a slider over the steps of a run, or of two runs side by side."""
    found = _checked([saved_run(run) for run in runs])
    path = new_output(output or DEFAULT, "-o", DEFAULT.name, force=force)
    with stoppable(open_view(experiment_of(found[0]).metrics, quiet=False)) as view:
        html = _page(found, _films(found, view), path)
    write_text(path, html)
    if json:
        told = {"page": str(path), "runs": [str(saved.path) for saved in found]}
        say(as_json.dumps(told | {"bytes": path.stat().st_size}, indent=2), sys.stdout)
    else:
        say(f"wrote {printable(path)}", sys.stdout)


def _checked(found: list[SavedRun]) -> list[SavedRun]:
    """Return the runs; UsageError if they cannot be on one page."""
    from nnlab.runs.trained import is_finished  # loads NumPy

    if len(found) > MOST_RUNS:
        raise UsageError(f"a page shows one run or two side by side, not {len(found)}")
    experiments = [experiment_of(saved, "filming").name for saved in found]
    if len(set(experiments)) > 1:
        raise UsageError(f"a page shows runs of one experiment, not of {' and '.join(experiments)}")
    for saved in found:
        if not is_finished(saved):
            raise UsageError(f"{printable(saved.path)} {_unfinished(saved)}")
    return found


def _unfinished(saved: SavedRun) -> str:
    """Return why a run without an end has none, and what to do."""
    if saved.status == "diverged":
        step = saved.diverged_step
        where = f" at step {step:,}" if step else ""
        return f"diverged{where}, and scrub shows finished runs: train it with a smaller lr"
    return (
        f"is not finished ({saved.status}), and scrub shows finished runs; to finish it: "
        f"{resume_line(saved.path)}"
    )


def _page(found: Sequence[SavedRun], films: "Sequence[Film]", path: Path) -> str:
    """Return the HTML of the page that is written to `path`."""
    from nnlab.reports.film_page import film_page
    from nnlab.reports.parts import Command as Line

    lines = [Line(f"train {s.path.name}", rerun_command(s.experiment, s.path)) for s in found]
    words = ["nnlab", "scrub", *(str(saved.path) for saved in found), "-o", str(path)]
    lines.append(Line("write this page", shlex.join(words)))
    return film_page(films, found[0].experiment, _about(found), lines)


def _about(found: Sequence[SavedRun]) -> list[str]:
    """Return the keys of each run that differ from the other run, or else from the defaults."""
    if len(found) == 1:
        (saved,) = found
        keys = [key for key, source in saved.sources.items() if source != "default"]
    else:
        one, other = (saved.config for saved in found)
        keys = [key for key in one if one[key] != other.get(key)]
    return [
        ", ".join(f"{key}: {as_typed(saved.config[key])}" for key in keys if key in saved.config)
        for saved in found
    ]


def _films(found: Sequence[SavedRun], view: View) -> "list[Film]":
    """Return the films of the runs; all are over the same steps, up to the end of each."""
    from nnlab.reports.film import Filming, log_spaced

    filming: Filming = resolve_name(experiment_of(found[0], "filming").filming)
    ends = [filming.last(saved) for saved in found]
    steps = sorted({*log_spaced(max(ends)), *ends})
    films = []
    for saved, end in zip(found, ends, strict=True):
        film = filming.film(saved, [step for step in steps if step <= end], view)
        films.append(film if film.equal else _with_reason(saved, film, view))
    return films


def _with_reason(saved: SavedRun, film: "Film", view: View) -> "Film":
    """Return a film that says why it does not end at model.npz; the view says it, too."""
    from nnlab.replays.replay import why_unequal

    note = f"The training did not end at model.npz to the bit; {why_unequal(saved)}."
    view.note(f"note: {saved.path}: {note}")
    return replace(film, notes=[*film.notes, note])
