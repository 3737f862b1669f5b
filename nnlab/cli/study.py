"""`nnlab study`: decide what textbooks claim by paired runs."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json, Quiet
from nnlab.console.stream import say
from nnlab.console.view import Silent, View, open_view
from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.runs.signals import Interrupted
from nnlab.text import printable

if TYPE_CHECKING:
    from nnlab.study.load import Loaded
    from nnlab.study.plan import Settings
    from nnlab.study.runner import Outcome
    from nnlab.study.store import StudyDirectory

app = typer.Typer()

WORDS = ("list", "all", "resume", "show")


def _complete(incomplete: str) -> list[str]:
    """Return the words and studies that begin with `incomplete`, for the shell."""
    from nnlab.study.load import names

    return [word for word in (*names(), *WORDS) if word.startswith(incomplete)]


What = Annotated[
    str,
    typer.Argument(
        metavar="NAME", autocompletion=_complete,
        help="A study (nnlab study list), a study's file (./mine.py), or one of: list, all, "
        "resume DIR, show DIR.",
    ),
]  # fmt: skip
Directory = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="For resume and show: a study's directory.")
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
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", help="Runs at a time (default: one for each core)."),
]
Parent = Annotated[
    Path,
    typer.Option("--studies-dir", metavar="DIR", help="Folder of the studies (default: studies)."),
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
    studies_dir: Parent = Path("studies"),
    *,
    quick: Quick = False,
    full: Full = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Decide what textbooks claim: paired runs, intervals, and a verdict from the data."""
    if name in {"resume", "show"}:
        if seeds or quick or full:
            raise UsageError(f"{name} takes a study as it is: leave out --seeds, --quick, --full")
        loaded, opened = _opened(directory, name)
        if name == "show":
            _show(loaded, opened, quiet=quiet, json=json)
        else:
            _run([loaded], lambda _: opened, jobs, quiet=quiet, json=json)
        return
    if directory is not None:
        raise UsageError(f"{printable(directory)}: only resume and show take a directory")
    if name == "list":
        _list(json=json)
        return
    from nnlab.study.load import load, names

    if quick and full:
        raise UsageError("--quick and --full contradict each other: give one of them")
    found = [load(each) for each in (names() if name == "all" else [name])]

    def settings(each: "Loaded") -> "Settings":
        return _settings(each, seeds, quick=quick, full=full)

    for each in found:
        _check(each, settings(each))
    parent = expanded(studies_dir)
    _run(
        found, lambda each: _made(each, settings(each), parent), jobs, quiet=quiet, json=json,
        several=name == "all",
    )  # fmt: skip


def _settings(loaded: "Loaded", seeds: int | None, *, quick: bool, full: bool) -> "Settings":
    from nnlab.study.plan import LEAST_SEEDS, QUICK_SEEDS, SEEDS, Settings, fastest_engine

    own = QUICK_SEEDS if quick else loaded.study.seeds or SEEDS
    count = own if seeds is None else seeds
    if count < LEAST_SEEDS:
        raise UsageError(
            f"--seeds {count}: a study needs {LEAST_SEEDS} seeds or more; "
            "from one or two runs nobody can tell luck from effect"
        )
    return Settings(count, quick, full, fastest_engine())


def _check(loaded: "Loaded", settings: "Settings") -> None:
    """Check every config that is known before the first run. Raises UsageError for a fault."""
    from nnlab.study.plan import planned
    from nnlab.study.results import Results

    for part in loaded.study.parts:
        if not callable(part.arms):
            planned(part, settings, Results([]))


def _made(loaded: "Loaded", settings: "Settings", parent: Path) -> "StudyDirectory":
    """Make the directory of a new study."""
    from nnlab.study.store import StudyDirectory, StudyRecord

    record = StudyRecord(
        study=loaded.study.name, reference=loaded.reference, digest=loaded.digest,
        seeds=settings.seeds, quick=settings.quick, full=settings.full, engine=settings.engine,
        status="running", command=provenance.command_line(),
        **provenance.describe(),  # type: ignore[arg-type]
    )  # fmt: skip
    return StudyDirectory.make(parent, record)


def _opened(directory: Path | None, word: str) -> "tuple[Loaded, StudyDirectory]":
    """Return the study in a directory, to go on with it or to show it.

    Raises:
        UsageError: it is none; its file has changed; or other versions would go on with it.
    """
    from nnlab.study.load import load
    from nnlab.study.store import StudyDirectory

    if directory is None:
        raise UsageError(f"name the directory: nnlab study {word} studies/gradient-0001")
    opened = StudyDirectory.open(expanded(directory))
    loaded = load(opened.record.reference)
    if loaded.digest != opened.record.digest:
        raise UsageError(
            f"{printable(loaded.reference)} has changed since {printable(opened.path)} began, and "
            "a study is fixed before its first run; start a new one: its finished runs are used "
            "again where their configs are the same"
        )
    now = provenance.describe()["versions"]
    if word == "resume" and now != opened.record.versions:
        raise UsageError(
            f"{printable(opened.path)} was begun with {_versions(opened.record.versions, now)}; "
            "runs of two versions cannot be compared: start a new study, or install those again"
        )
    return loaded, opened


def _versions(then: Mapping[str, str], now: object) -> str:
    """Return the versions that differ: `numpy 2.3 (now 2.4)`."""
    new = dict(now) if isinstance(now, dict) else {}
    names = sorted(then.keys() | new.keys())
    return ", ".join(
        f"{name} {then.get(name, 'missing')} (now {new.get(name, 'missing')})"
        for name in names
        if then.get(name) != new.get(name)
    )


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
    *,
    quiet: bool,
    json: bool,
    several: bool = False,
) -> None:
    """Run studies one after the other, with the same workers; print each result."""
    from nnlab.cores import cores
    from nnlab.jobs.pool import Pool
    from nnlab.study.runner import run_study

    workers = cores() if jobs is None else jobs
    if workers < 1:
        raise UsageError(f"--jobs {workers}: it takes one worker or more")
    found, shown = [], _Current()
    with Pool(workers, view=shown) as pool:
        for place, loaded in enumerate(studies, 1):
            with directory_of(loaded) as directory:
                view = shown.view = open_view((), quiet=quiet, ticking=True)
                which = f"study {place} of {len(studies)}: " * several
                view.note(f"{which}{loaded.study.name}, in {directory.path}")
                try:
                    outcome = run_study(loaded, directory, pool, view)
                except Interrupted as stop:
                    raise stop.as_error(
                        f"to go on: nnlab study resume {shlex.quote(str(directory.path))}"
                    ) from None
                finally:
                    view.close()
                found.append(_written(outcome, quiet=quiet, json=json))
    if json:
        say(dumps(found if several else found[0], indent=2), sys.stdout)


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
    from nnlab.study.runner import decided

    with directory:
        found = _written(decided(loaded, directory), quiet=quiet, json=json)
    if json:
        say(dumps(found, indent=2), sys.stdout)


def _list(*, json: bool) -> None:
    """Print the studies that come with nnlab."""
    from nnlab.study.load import load, names
    from nnlab.study.printed import print_list

    print_list([load(name).study for name in names()], as_json=json)
