"""Run a study: make the runs that are missing, measure them, decide the claims, write the page."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nnlab import inputs
from nnlab.console.view import View
from nnlab.errors import DataError, NnlabError, UsageError
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
from nnlab.study.work import DIVERGED, Fault, encoded
from nnlab.text import clipped, listed, printable

PREDICTION = "prediction.json"
MOST_BYTES = 1_000_000  # of a prediction; it is a few numbers


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
    progress = Progress(view, loaded.study.parts, directory.record.settings)
    for part in loaded.study.parts:
        results = results_of(loaded, directory, before=part)
        _foretell(part, directory, results)
        _run_part(part, loaded, directory, results, pool, view, progress)
    return decided(loaded, directory)


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
        UsageError: a test asks for a measure that no run has.
    """
    rows: list[Row] = []
    results = Results([])
    for part in loaded.study.parts:
        if before is not None and part.name == before.name:
            break
        runs = planned(part, directory.record.settings, results)
        here = [row for run in runs for row in _measured(run, directory)]
        _check_measures(part, here, loaded)
        rows += here
        results = _derived(loaded, rows)
    return results


def _check_measures(part: Part, rows: Sequence[Row], loaded: Loaded) -> None:
    """Raise UsageError if a test of a part names a measure that its runs do not have.

    Of a study that derives rows, a test may be of those: they may be missing in a smoke test.
    """
    known = sorted({row.measure for row in rows} - {DIVERGED})
    if loaded.study.derive or not known:
        return
    for claim in loaded.study.claims:
        for test in claim.tests:
            if test.part == part.name and test.measure not in {*known, DIVERGED}:
                raise UsageError(
                    f"{loaded.reference}: claim {claim.name}: no run of part {part.name} has the "
                    f"measure {test.measure!r}; they have {listed(known)}. Correct the test, or "
                    "add the measure, and start the study again; finished runs are used again"
                )


def _derived(loaded: Loaded, rows: Sequence[Row]) -> Results:
    """Return the rows, and what derives of them.

    Raises:
        UsageError: a function of the study's fails, or gives one number twice.
    """
    results = Results(rows)
    for derive in loaded.study.derive:
        with own_code(loaded, "derive"):
            results += derive(results)
    places = Counter(row[:5] for row in results.rows)
    if twice := [place for place, count in places.items() if count > 1]:
        raise UsageError(f"{loaded.reference}: there are two values of {twice[0]}")
    return results


@contextmanager
def own_code(loaded: Loaded, what: str) -> Iterator[None]:
    """Name the study's file in an error of a function that it declares.

    Raises:
        UsageError: the function failed.
    """
    try:
        yield
    except NnlabError:
        raise
    except Exception as error:
        said = clipped(f"{type(error).__name__}: {error}", 300)
        raise UsageError(f"{loaded.reference}: its `{what}` failed: {said}") from error


def _measured(run: Planned, directory: StudyDirectory) -> list[Row]:
    rows = directory.rows(run)
    if rows is None:
        raise DataError(
            f"{printable(directory.path)}: the run {run.name} is not finished; "
            f"to go on: {directory.command('resume')}"
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
            "study": loaded.reference, "digest": loaded.digest, "part": part.name, "runs": asked,
            "command": directory.record.command, "threads": threads,
        }  # fmt: skip
        yield Task(name, "nnlab.study.work:work", arguments)


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


def _foretell(part: Part, directory: StudyDirectory, results: Results) -> None:
    """Write what is predicted of `part`, once, before its first run."""
    predictions = _predictions(directory)
    if part.foretell is None or part.name in predictions:
        return
    told = {name: encoded(value) for name, value in part.foretell(results).items()}
    directory.write(PREDICTION, json.dumps(predictions | {part.name: told}, indent=2) + "\n")


def _predictions(directory: StudyDirectory) -> dict[str, dict[str, float]]:
    """Return what was foretold: part -> name -> number."""
    path = directory.path / PREDICTION
    try:
        read = inputs.read(path, MOST_BYTES, "a prediction")
        return TypeAdapter(dict[str, dict[str, float]]).validate_json(read)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise DataError(
            f"{path} is damaged; it must not be made after the runs that test it: start the study "
            "again"
        ) from None
