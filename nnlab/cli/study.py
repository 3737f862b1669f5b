"""`nnlab study`: decide what textbooks claim by paired runs."""

import sys
from collections.abc import Callable, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Jobs, Json, Quiet, Ray
from nnlab.console.stream import say
from nnlab.console.view import Silent, View, open_view
from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.runs.signals import Interrupted
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.study.load import Loaded
    from nnlab.study.outcome import Outcome
    from nnlab.study.plan import Settings
    from nnlab.study.store import StudyDirectory

app = typer.Typer()

WORDS = ("list", "all", "resume", "show")


def _complete(incomplete: str) -> list[str]:
    """Return the words and studies that begin with `incomplete`, for the shell."""
    from nnlab.study.load import names

    return [word for word in (*names(), *WORDS) if word.startswith(incomplete)]


def _directories(incomplete: str) -> list[str]:
    """Return the directories of studies that begin with `incomplete`, for the shell."""
    from nnlab.runs.collection import begun

    return [
        str(each) for each in begun("study", Path("studies")) if str(each).startswith(incomplete)
    ]


What = Annotated[
    str,
    typer.Argument(
        metavar="NAME", autocompletion=_complete,
        help="A study (nnlab study list), a study's file (./mine.py), or one of: list, all, "
        "resume DIR, show DIR.",
    ),
]  # fmt: skip
Directory = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]",
        autocompletion=_directories,
        help="For resume and show: a study's directory, or last.",
    ),
]
Seeds = Annotated[
    int | None,
    typer.Option(
        "--seeds",
        metavar="N",
        help="Runs of each setting, 3 or more (default: 8; study seeds: 32).",
    ),
]
Quick = Annotated[
    bool,
    typer.Option("--quick", metavar="", help="Smoke test: short runs of 3 seeds; decides nothing."),
]
Full = Annotated[
    bool,
    typer.Option(
        "--full", metavar="",
        help="Fashion-MNIST: train on all images, not on a fixed part of them (hours).",
    ),
]  # fmt: skip
OwnFile = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="FILE",
        help="For resume and show of a study of your own: its file, a program that is run.",
    ),
]  # fmt: skip
Parent = Annotated[
    Path,
    typer.Option("--studies-dir", metavar="DIR", help="Folder of the studies."),
]


@app.command(
    cls=Command,
    epilog="nnlab study list\nnnlab study gradient --seeds 8\nnnlab study all --quick",
)
def study(  # noqa: PLR0913 - the options of a command
    name: What,
    directory: Directory = None,
    seeds: Seeds = None,
    jobs: Jobs = None,
    ray: Ray = None,
    studies_dir: Parent = Path("studies"),
    file: OwnFile = None,
    *,
    quick: Quick = False,
    full: Full = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Decide what textbooks claim: paired runs, intervals, and a verdict from the data."""
    from nnlab.study.load import load, names
    from nnlab.study.opening import check, made, reopened, settings_of

    _refuse_misplaced(
        name, directory, file, sized=bool(seeds or quick or full), jobs=bool(jobs or ray)
    )
    if quick and full:
        raise UsageError("--quick and --full contradict each other: give one of them")
    if name == "list":
        _list(json=json)
        return
    if name == "show":
        _show(*reopened(directory, "show", file, expanded(studies_dir)), quiet=quiet, json=json)
        return
    if name == "resume":
        loaded, opened = reopened(directory, "resume", file, expanded(studies_dir))
        _run([loaded], lambda _: opened, jobs, ray, quiet=quiet, json=json)
        return
    found = [load(each) for each in (names() if name == "all" else [name])]

    def settings(each: "Loaded") -> "Settings":
        return settings_of(each, seeds, quick=quick, full=full)

    for each in found:
        check(each, settings(each))
    parent = expanded(studies_dir)
    _run(
        found, lambda each: made(each, settings(each), parent, provenance.command_line()), jobs,
        ray, quiet=quiet, json=json, several=name == "all",
    )  # fmt: skip


def _refuse_misplaced(
    name: str, directory: Path | None, file: Path | None, *, sized: bool, jobs: bool
) -> None:
    """Raise UsageError for an argument that this word does not take."""
    goes_on = name in {"resume", "show"}
    if goes_on and sized:
        raise UsageError(f"{name} takes a study as it is: leave out --seeds, --quick, --full")
    if directory is not None and not goes_on:
        raise UsageError(f"{printable(directory)}: only resume and show take a directory")
    if file is not None and not goes_on:
        raise UsageError(f"--file is for resume and show; to run it: nnlab study {printable(file)}")
    if name == "list" and (sized or jobs):
        raise UsageError("list takes no --seeds, --quick, --full, --jobs or --ray: it runs nothing")


class _Current(Silent):
    """The view of the study that runs: each study has its own, and they share the workers."""

    view: View = Silent()

    def note(self, text: str) -> None:
        """Show one line of text."""
        self.view.note(text)

    def close(self) -> None:
        """Restore the terminal."""
        self.view.close()


def _run(
    studies: Sequence["Loaded"],
    directory_of: Callable[["Loaded"], "StudyDirectory"],
    jobs: int | None,
    ray: str | None,
    *,
    quiet: bool,
    json: bool,
    several: bool = False,
) -> None:
    """Run studies one after the other, with the same workers; print each result."""
    from nnlab.jobs.task import ClusterLost
    from nnlab.jobs.where import opened
    from nnlab.study.runner import run_study

    found, shown, left = [], _Current(), ""
    try:
        with opened(jobs, ray, shown) as pool:
            for place, loaded in enumerate(studies, 1):
                with directory_of(loaded) as directory:
                    left = _left(directory, studies[place:])
                    view = shown.view = open_view((), quiet=quiet, ticking=True)
                    which = f"study {place} of {len(studies)}: " * several
                    view.note(f"{which}{loaded.study.name}, in {directory.path}")
                    try:
                        with directory.working():
                            outcome = run_study(loaded, directory, pool, view)
                            view.close()
                            found.append(_written(outcome, quiet=quiet, json=json))
                    finally:
                        view.close()
    except Interrupted as stop:
        raise stop.as_error(left) from None
    except ClusterLost as lost:
        raise lost.as_error(left) from None
    if json:
        say(dumps(found if several else found[0], indent=2), sys.stdout)


def _left(directory: "StudyDirectory", others: Sequence["Loaded"]) -> str:
    """Return how to go on after an interruption."""
    begun = f"to go on: {directory.command('resume')}"
    if not others:
        return begun
    return f"{begun}\nnot begun: {', '.join(each.study.name for each in others)}"


def _written(outcome: "Outcome", *, quiet: bool, json: bool) -> dict[str, object]:
    """Write the files of a study that is done, and print it unless `json`; return it for JSON."""
    from nnlab.study.printed import print_study
    from nnlab.study.written import told, write_outcome

    written = write_outcome(outcome)
    path = outcome.directory.path
    if not json and quiet:
        say(printable(path) if sys.stdout.isatty() else str(path), sys.stdout)
    elif not json:
        print_study(outcome, written)
    return {"directory": str(path), "page": str(written[0]), **told(outcome)}


def _show(loaded: "Loaded", directory: "StudyDirectory", *, quiet: bool, json: bool) -> None:
    """Decide a finished study again, from its runs, and print it."""
    from nnlab.study.outcome import decided

    with directory, directory.working():
        found = _written(decided(loaded, directory), quiet=quiet, json=json)
    if json:
        say(dumps(found, indent=2), sys.stdout)


def _list(*, json: bool) -> None:
    """Print the studies that come with nnlab."""
    from nnlab.study.load import load, names
    from nnlab.study.printed import print_list

    print_list([load(name).study for name in names()], as_json=json)
