"""Run a study: make the runs that are missing, measure them, and decide the claims."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from nnlab.console.view import View
from nnlab.errors import NnlabError
from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.task import Needs, Task
from nnlab.jobs.where import Workers
from nnlab.study.gathered import results_of
from nnlab.study.load import Loaded
from nnlab.study.outcome import Outcome, decided
from nnlab.study.plan import Planned, planned, resolved
from nnlab.study.prediction import foretell
from nnlab.study.progress import Progress
from nnlab.study.results import Results
from nnlab.study.reuse import Shelf
from nnlab.study.store import StudyDirectory
from nnlab.study.study import Part
from nnlab.study.work import Fault
from nnlab.text import listed


def run_study(loaded: Loaded, directory: StudyDirectory, pool: Workers, view: View) -> Outcome:
    """Make the runs of a study that are missing, and decide its claims.

    Args:
        loaded: the study.
        directory: its directory, entered.
        pool: where its runs run.
        view: shows how it goes.

    Raises:
        NnlabError: a run failed; the other runs are done, and the message names the failed ones.
        KeyboardInterrupt: as `nnlab.jobs.pool.Pool.map`.
    """
    progress = Progress(view, loaded.study.parts, directory.record.settings)
    for part in loaded.study.parts:
        results = results_of(loaded, directory, before=part)
        foretell(part, loaded, directory, results)
        _run_part(part, loaded, directory, results, pool, view, progress)
    return decided(loaded, directory)


def _run_part(
    part: Part,
    loaded: Loaded,
    directory: StudyDirectory,
    results: Results,
    pool: Workers,
    view: View,
    progress: Progress,
) -> None:
    """Make and measure the runs of a part that are not measured yet."""
    runs = planned(part, directory.record.settings, results)
    missing = [run for run in runs if directory.rows(run) is None]
    taken = _take_finished(part, missing, directory, view)
    failed: list[Fault] = []
    progress.begin(part, len(runs), len(missing), trained=taken == len(missing))
    for end in pool.map(_tasks(part, missing, loaded, directory, pool.threads)):
        asked = [Path(run["run_dir"]).name for run in end.task.arguments["runs"]]
        faults = [Fault(run, str(end.error)) for run in asked] if end.error else end.result
        if faults and not failed:
            view.note(
                f"{faults[0].run} failed; the others go on, and the reason is told at the end"
            )
        failed += faults
        progress.ended(len(asked))
    if failed:
        raise NnlabError(_told(failed, part, len(runs), directory))


def _told(failed: Sequence[Fault], part: Part, runs: int, directory: StudyDirectory) -> str:
    """Return why runs of a part failed, each reason once, and what to do."""
    alike: dict[str, list[str]] = {}
    for fault in failed:
        alike.setdefault(fault.why, []).append(fault.run)
    if len(alike) == 1 and len(failed) == runs:
        lines = [f"all {runs} runs of part {part.name} failed in the same way: {failed[0].why}"]
    else:
        lines = [f"{len(failed)} of {runs} runs of part {part.name} failed:"]
        lines += [f"{listed(names)}: {why}" for why, names in alike.items()]
    if any(fault.of_the_file for fault in failed):
        start = f"start it again; finished runs are used again: {directory.again()}"
        whose = directory.record.reference if directory.is_own else "the study"
        lines.append(f"correct {whose}, then {start}")
    else:
        lines.append(
            "remove the directory of a run that is damaged; then, to try again: "
            + directory.command("resume")
        )
    return "\n".join(lines)


def _tasks(
    part: Part, runs: list[Planned], loaded: Loaded, directory: StudyDirectory, threads: int
) -> Iterator[Task]:
    """Yield a task for each run; for each arm, if runs can share the threads of a worker."""
    together = threads > 1 and bool(EXPERIMENTS[part.experiment].together)
    own = [Path(loaded.reference)] * directory.is_own
    for name, group in groupby(runs, attrgetter("arm" if together else "name")):
        alike = list(group)
        asked = [
            {
                "keys": dict(run.keys),
                "run_dir": str(directory.run_dir(run).relative_to(directory.path)),
                "measured": str(directory.measured(run).relative_to(directory.path)),
            }
            for run in alike
        ]
        arguments: dict[str, Any] = {
            "study": loaded.reference, "digest": loaded.digest, "part": part.name, "runs": asked,
            "command": directory.record.command, "threads": threads,
        }  # fmt: skip
        writes = tuple(str(run[key]) for key in ("run_dir", "measured") for run in asked)
        needs = Needs.of(resolved(part, alike[0]).config, *own)
        yield Task(name, "nnlab.study.work:work", arguments, directory.path, writes, needs)


def _take_finished(part: Part, runs: list[Planned], directory: StudyDirectory, view: View) -> int:
    """Copy finished runs with the same configs from elsewhere, say so, and return their number."""
    wanted = [run for run in runs if not directory.run_dir(run).exists()]
    if not wanted:
        return 0
    shelf = Shelf(directory.path.parent)
    taken = 0
    for run in wanted:
        config = resolved(part, run).config.model_dump(mode="json")
        taken += shelf.copy(part.experiment, config, directory.run_dir(run))
    if taken:
        view.note(f"{taken} of {len(runs)} runs exist already and are used again")
    if shelf.why_not:
        view.note(shelf.why_not)
    return taken
