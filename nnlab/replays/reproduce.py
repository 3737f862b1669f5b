"""Train a run again from its own record, and compare every number."""

import shutil
from pathlib import Path
from typing import Any

from nnlab.config.resolve import Resolved
from nnlab.console.view import Silent, View
from nnlab.errors import DivergedError, StoppedError
from nnlab.experiments import Experiment, configs, experiment_of, launch
from nnlab.jobs.training import said
from nnlab.replays.proof import Proof
from nnlab.replays.same import differences, digests
from nnlab.replays.settings import settings_apart
from nnlab.runs import copies
from nnlab.runs.recorded import recorded_config
from nnlab.runs.saved import SavedRun
from nnlab.text import printable, resume_line

PROVABLE = {"completed", "diverged"}


def work(*, run: str, home: Path, again: str, command: str) -> Proof:
    """Reproduce a run, in a worker process; it may be called again after a kill.

    A run that cannot be read, or not be trained again, leaves the others as they are.

    Args:
        run: the run directory.
        home: the folder of the reruns.
        again: the name of the directory of the rerun, which is removed at the end.
        command: what started this, for run.json of the rerun.

    Raises:
        StoppedError: a signal stopped the training.
    """
    saved, place = SavedRun(run), home / again
    shutil.rmtree(place, ignore_errors=True)  # of a worker that was killed
    try:
        return reproduce(saved, place, command)
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001 - `said` names the kind of one that is not expected
        return failed(saved.path, error, saved.status)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def reproduce(saved: SavedRun, again: Path, command: str, view: View | None = None) -> Proof:
    """Train a run again in the directory `again`, and compare.

    Args:
        saved: the run.
        again: the directory of the rerun, which must not exist.
        command: what started this, for run.json of the rerun.
        view: shows how the training goes.

    Raises:
        NnlabError: the run is damaged, or cannot be trained again; or a signal stopped it.
        OSError: a file cannot be read or written.
    """
    row, status = experiment_of(saved), saved.status
    if status not in PROVABLE:
        why = f"{saved.path} is not finished ({status}); to finish it: {resume_line(saved.path)}"
        return Proof(saved.path, row.name, status, "not proven", printable(why))
    resolved = recorded_config(saved, row.config, configs())
    rerun = _trained(saved, row, resolved, again, command, view or Silent())
    found = tuple(differences(saved, rerun, row))
    return Proof(
        saved.path, row.name, status, "different" if found else "identical",
        differences=found,
        settings=tuple(settings_apart(saved.record, rerun.record)),
        digests=digests(saved, row, resolved.config),
    )  # fmt: skip


def failed(run: Path, error: Exception, status: str = "") -> Proof:
    """Return what is certified of a run that `error` kept from being proven."""
    return Proof(run, "", status, "failed", said(error))


def _trained(
    saved: SavedRun, row: Experiment, resolved: Resolved[Any], again: Path, command: str, view: View
) -> SavedRun:
    """Return the rerun in the directory `again`; it draws no pictures.

    Raises:
        UsageError: an input file is missing or has changed, and the run has no copy of it.
        NnlabError: the training failed.
    """
    config = copies.as_begun(resolved.config, saved.path, saved.record.get("inputs", {}))
    try:
        return launch(
            row, Resolved(config, resolved.sources), command=command, view=view, run_dir=again,
            pictures=False,
        )  # fmt: skip
    except DivergedError:
        return SavedRun(again)
