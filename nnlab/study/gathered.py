"""Gather the rows of a study: those of its runs, and what derives of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nnlab.errors import DataError, NnlabError, UsageError
from nnlab.study.load import Loaded
from nnlab.study.plan import Planned, planned
from nnlab.study.results import Results, Row
from nnlab.study.store import StudyDirectory
from nnlab.study.study import Part
from nnlab.study.work import DIVERGED
from nnlab.text import clipped, listed, printable


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
