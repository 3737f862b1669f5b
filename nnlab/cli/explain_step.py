"""`nnlab explain RUN --step N`: print a step, or write an exercise and its key."""

import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Literal

from nnlab import files
from nnlab.cli.stopping import stoppable
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.outputs import output_path
from nnlab.paths import expanded
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.cubic.worked.page import Page

StepFormat = Literal["text", "markdown", "latex"]
FOLDER = Path("exercise")


def print_step(saved: SavedRun, step: int, units: int | None, form: StepFormat) -> None:
    """Print one step of a run.

    Raises:
        UsageError: the run has no such step, or cannot be explained.
    """
    from nnlab.cubic.worked.formats import written
    from nnlab.replays.replay import doubt

    page = _page(saved, step, units)
    if note := doubt(saved, "this step"):
        say(printable(note), sys.stderr)
    say(written(page, form), sys.stdout)


def write_exercise(
    saved: SavedRun,
    step: int,
    units: int | None,
    student: str,
    form: StepFormat,
    output: Path | None,
) -> None:
    """Write the exercise of a student and its key to a folder.

    Raises:
        UsageError: as `print_step`, or a file of that name exists.
    """
    from nnlab.cubic.worked.formats import SUFFIXES, written

    folder = output_path(output or FOLDER, "-o", "exercise", folder=True)
    paths = [folder / f"{name}{SUFFIXES[form]}" for name in ("exercise", "key")]
    for path in paths:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{printable(path)} exists; choose another folder with -o")
    page = _page(saved, step, units, student)
    expanded(folder).mkdir(exist_ok=True)
    for path, blank in zip(paths, (True, False), strict=True):
        files.write_text(path, written(page, form, blank=blank) + "\n")
    say("\n".join(f"wrote {printable(path)}" for path in paths), sys.stdout)


def _page(saved: SavedRun, step: int, units: int | None, student: str = "") -> "Page":
    """Return what there is to tell of a step; a bar shows how far its computation is."""
    from nnlab.cubic.worked.page import Asked

    function = resolve_name(experiment_of(saved, "explain").explain)
    with stoppable(open_view((), quiet=False)) as view:

        def told(taken: int) -> None:
            view.progress(taken, step + 1, "steps")

        page: Page = function(saved, Asked(step, units, student, told))
    return page
