"""Run a study: make the runs that are missing, measure them, decide the claims, write the page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from nnlab.console.view import View
from nnlab.errors import DataError, NnlabError
from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task
from nnlab.study.decide import decide
from nnlab.study.load import Loaded
from nnlab.study.plan import Planned, planned, resolved
from nnlab.study.progress import Progress
from nnlab.study.results import Results, Row
from nnlab.study.reuse import Shelf
from nnlab.study.store import StudyDirectory
from nnlab.study.study import Part
from nnlab.study.verdicts import Judged
from nnlab.study.work import encoded
from nnlab.text import printable

PREDICTION = "prediction.json"


@dataclass(frozen=True)
class Outcome:
    """A study that is done.

    Attributes:
        loaded: the study.
        directory: its directory.
        results: all its rows.
        judged: its claims, decided.
        prediction: what each part foretold: part -> name -> number.
    """

    loaded: Loaded
    directory: StudyDirectory
    results: Results
    judged: list[Judged]
    prediction: Mapping[str, Mapping[str, float]]


def run_study(loaded: Loaded, directory: StudyDirectory, pool: Pool, view: View) -> Outcome:
    """Make the runs of a study that are missing, and decide its claims.

    Args:
        loaded: the study.
        directory: its directory, entered.
        pool: where its runs run.
        view: shows how it goes.

    Raises:
        NnlabError: a run failed; the other runs are done, and the message names the failed ones.
        KeyboardInterrupt: as `Pool.map`.
    """
    directory.note("running")
    progress = Progress(view, loaded.study.parts, directory.record.settings)
    try:
        for part in loaded.study.parts:
            results = results_of(loaded, directory, before=part)
            _foretell(part, directory, results)
            _run_part(part, loaded, directory, results, pool, view, progress)
        outcome = decided(loaded, directory)
    except Exception:
        directory.note("failed")
        raise
    except BaseException:
        directory.note("interrupted")
        raise
    directory.note("completed")
    return outcome


def decided(loaded: Loaded, directory: StudyDirectory) -> Outcome:
    """Decide the claims of a study whose runs are all measured; write results and verdicts.

    Raises:
        DataError: a run is not measured, or its readings are damaged.
    """
    results = results_of(loaded, directory)
    directory.write("results.csv", results.csv())
    return Outcome(
        loaded, directory, results, decide(loaded.study, results), _predictions(directory)
    )


def results_of(loaded: Loaded, directory: StudyDirectory, before: Part | None = None) -> Results:
    """Return the rows of all parts, or of those before the part `before`, and what derives of them.

    Raises:
        DataError: a run is not measured, or its readings are damaged.
    """
    results = Results([])
    for part in loaded.study.parts:
        if before is not None and part.name == before.name:
            break
        rows = [
            row
            for run in planned(part, directory.record.settings, results)
            for row in _measured(run, directory)
        ]
        results += rows
        for derive in loaded.study.derive:
            results += derive(results)
    return results


def _measured(run: Planned, directory: StudyDirectory) -> list[Row]:
    rows = directory.rows(run)
    if rows is None:
        raise DataError(
            f"{printable(directory.path)}: the run {run.name} is not finished; "
            f"to go on: nnlab study resume {printable(directory.path)}"
        )
    return rows


def _run_part(
    part: Part,
    loaded: Loaded,
    directory: StudyDirectory,
    results: Results,
    pool: Pool,
    view: View,
    progress: Progress,
) -> None:
    """Make and measure the runs of a part that are not measured yet."""
    runs = planned(part, directory.record.settings, results)
    missing = [run for run in runs if directory.rows(run) is None]
    _take_finished(part, missing, directory, view)
    failed = []
    progress.begin(part, len(runs), len(missing))
    for end in pool.map(_tasks(part, missing, loaded, directory, pool.threads)):
        if end.error:
            failed.append(f"{end.task.name}: {end.error}")
            view.note(f"failed: {failed[-1]}")
        progress.ended(len(end.task.arguments["runs"]))
    if failed:
        raise NnlabError(
            "\n".join([
                f"{len(failed)} of {len(runs)} runs of part {part.name} failed:",
                *failed,
                f"to try them again: nnlab study resume {printable(directory.path)}",
            ])
        )  # fmt: skip


def _tasks(
    part: Part, runs: list[Planned], loaded: Loaded, directory: StudyDirectory, threads: int
) -> Iterator[Task]:
    """Yield a task for each run; for each arm, if runs can share the threads of a worker."""
    together = threads > 1 and bool(EXPERIMENTS[part.experiment].together)
    for name, group in groupby(runs, attrgetter("arm" if together else "name")):
        asked = [
            {
                "keys": dict(run.keys),
                "run_dir": str(directory.run_dir(run)),
                "measured": str(directory.measured(run)),
            }
            for run in group
        ]
        arguments: dict[str, Any] = {
            "study": loaded.reference, "part": part.name, "runs": asked,
            "command": directory.record.command, "threads": threads,
        }  # fmt: skip
        yield Task(name, "nnlab.study.work:work", arguments)


def _take_finished(part: Part, runs: list[Planned], directory: StudyDirectory, view: View) -> None:
    """Copy finished runs with the same configs from elsewhere, and say so."""
    wanted = [run for run in runs if not directory.run_dir(run).exists()]
    if not wanted:
        return
    shelf = Shelf(directory.path.parent)
    taken = 0
    for run in wanted:
        config = resolved(part, run).config.model_dump(mode="json")
        taken += shelf.copy(part.experiment, config, directory.run_dir(run))
    if taken:
        view.note(f"{taken} of {len(runs)} runs exist already and are used again")
    if shelf.others:
        view.note(
            f"{shelf.others} runs with these configs were made by another version of nnlab or of "
            "its libraries; they are made again"
        )


def _foretell(part: Part, directory: StudyDirectory, results: Results) -> None:
    """Write what is predicted of `part`, once, before its first run."""
    predictions = _predictions(directory)
    if part.foretell is None or part.name in predictions:
        return
    told = {name: encoded(value) for name, value in part.foretell(results).items()}
    directory.write(PREDICTION, json.dumps(predictions | {part.name: told}, indent=2) + "\n")


def _predictions(directory: StudyDirectory) -> dict[str, dict[str, Any]]:
    try:
        return dict(json.loads((directory.path / PREDICTION).read_bytes()))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DataError(
            f"{directory.path / PREDICTION} is damaged; it must not be made after the runs that "
            "test it: start the study again"
        ) from None
