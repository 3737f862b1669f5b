"""`nnlab reproduce`: train runs again from their record, and compare every bit."""

import json as json_text
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from nnlab.cli.arguments import WHICH_RUN, run_names, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Jobs, Json, NoProgress
from nnlab.console.stream import say
from nnlab.console.view import open_view
from nnlab.errors import StoppedError, UsageError
from nnlab.files import write_text
from nnlab.outputs import output_path
from nnlab.paths import expanded
from nnlab.runs.provenance import command_line, to_json
from nnlab.runs.signals import Interrupted
from nnlab.text import listed, printable

if TYPE_CHECKING:
    from nnlab.replays.proof import Proof

app = typer.Typer()

CERTIFICATE = "certificate.json"
Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", help=WHICH_RUN, autocompletion=run_names, rich_help_panel="Arguments"
    ),
]
All = Annotated[
    Path | None,
    typer.Option("--all", metavar="DIR", help="Reproduce every finished run in this folder."),
]
RunDir = Annotated[
    Path | None,
    typer.Option(
        "--run-dir", metavar="DIR", help="Keep the rerun in this directory (default: removed)."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE.json",
        help=f"Certificate to write or to replace (with --all by default {CERTIFICATE}).",
    ),
]  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab reproduce last:cubic\n"
    "nnlab reproduce runs/fashion-0001 --run-dir runs/again\n"
    "nnlab reproduce --all runs --jobs 2 -o certificate.json",
)
def reproduce(
    run: Run = None,
    *,
    all_in: All = None,
    run_dir: RunDir = None,
    jobs: Jobs = None,
    output: Output = None,
    quiet: NoProgress = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Train a run again from its own record, and tell whether every bit is the same."""
    from nnlab.replays.certificate import all_good, certificate

    if (run is None) == (all_in is None):
        raise UsageError("give a run, such as last, or a folder of runs: --all runs")
    if all_in and run_dir:
        raise UsageError("--run-dir keeps the rerun of one run; leave it out with --all")
    if jobs and not all_in:
        raise UsageError("--jobs is for a folder of runs; leave it out without --all")
    path = _place(output, all_runs=all_in is not None)
    proofs = (
        _all(expanded(all_in), jobs, quiet=quiet)
        if all_in
        else [_one(str(run), run_dir, quiet=quiet)]
    )
    if path:
        write_text(path, to_json(certificate(proofs)))
    if json:
        say(json_text.dumps(certificate(proofs), indent=2), sys.stdout)
    else:
        _print(proofs, path, whole=all_in is None)
    if not all_good(proofs):
        raise typer.Exit(1)


def _place(output: Path | None, *, all_runs: bool) -> Path | None:
    """Return where the certificate goes; None for nowhere.

    Raises:
        UsageError: something there must not be replaced.
    """
    if not (output or all_runs):
        return None
    path = output_path(output or Path(CERTIFICATE), "-o", CERTIFICATE)
    if output is None and (path.exists() or path.is_symlink()):
        raise UsageError(f"{path} exists: replace it with -o {path}, or choose another -o")
    return path


def _one(text: str, run_dir: Path | None, *, quiet: bool) -> "Proof":
    """Reproduce one run, with its progress on stderr."""
    from nnlab.experiments import experiment_of
    from nnlab.replays.reproduce import reproduce as reproduced

    saved = saved_run(text)
    view = open_view(experiment_of(saved).metrics, quiet=quiet)
    with _scratch() as scratch:
        again = expanded(run_dir) if run_dir else scratch / saved.path.name
        try:
            return reproduced(saved, again, command_line(), view)
        except StoppedError as stop:
            raise StoppedError(
                f"stopped before its end: {saved.path} is not proven", stop.signal
            ) from None
        finally:
            view.close()


def _all(folder: Path, jobs: int | None, *, quiet: bool) -> "list[Proof]":
    """Reproduce the runs of a folder, several at a time."""
    from nnlab.jobs.where import opened
    from nnlab.replays.certificate import reproduce_all, runs_in

    runs, view = runs_in(folder), open_view((), quiet=quiet, ticking=True)
    try:
        with _scratch() as scratch, opened(jobs, None, view) as pool:
            return reproduce_all(runs, scratch, pool, view, command_line())
    except Interrupted as stop:
        raise stop.as_error("no certificate was written") from None
    finally:
        view.close()


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield an empty folder, which is removed at the end with all that is in it."""
    with TemporaryDirectory(prefix="nnlab-reproduce-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _print(proofs: "Sequence[Proof]", path: Path | None, *, whole: bool) -> None:
    """Print one proof as it is, or a table of several; then where the certificate is."""
    from nnlab.reports.table import print_table

    lines = []
    if whole:
        lines = proofs[0].lines
    else:
        rows = [[each.run.name, each.verdict, each.first] for each in proofs]
        print_table(("run", "verdict", "first difference, or why"), rows,
                    wrapped=("first difference, or why",))  # fmt: skip
        verdicts = [each.verdict for each in proofs]
        counts = [f"{verdicts.count(name)} {name}" for name in dict.fromkeys(verdicts)]
        lines = [f"{len(proofs)} runs: {listed(counts)}"]
    lines += [f"wrote {path}"] * bool(path)
    say("\n".join(map(printable, lines)), sys.stdout)
