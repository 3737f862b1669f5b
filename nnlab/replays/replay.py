"""Bring back a state of a run, and say why it may differ from what the run had."""

from pkgutil import resolve_name
from typing import cast

from nnlab.errors import DataError
from nnlab.experiments import experiment_of
from nnlab.replays.settings import COMMIT, settings_apart
from nnlab.reports.replayed import Asked, Replayed
from nnlab.runs import provenance
from nnlab.runs.run_json import Record
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import is_finished
from nnlab.text import printable


def replay(saved: SavedRun, asked: Asked) -> Replayed:
    """Return a state of the run.

    Raises:
        DataError: the end of the run was computed again, and is not model.npz to the bit; the
            message says which settings differ. Or as the experiment's function.
        UsageError: as the experiment's function.
    """
    found: Replayed = resolve_name(experiment_of(saved, "replay").replay)(saved, asked)
    if found.equal is False:
        raise other_end(saved, f"{found.unit} {found.at:,}")
    return found


def other_end(saved: SavedRun, place: str) -> DataError:
    """Return the error for an end, at `place`, that is not model.npz to the bit."""
    return DataError(
        f"{printable(saved.path)}: {place} was computed again, and is not model.npz to the bit; "
        f"{why_unequal(saved)}"
    )


def caution(saved: SavedRun, found: Replayed) -> str:
    """Return a sentence if the state may differ from what the run had; "" if it does not."""
    note = "" if found.stored else doubt(saved, "this state")
    if not (note and is_finished(saved)):
        return note
    return f"{note}; to compare its end with model.npz: nnlab replay {printable(saved.path)}"


def doubt(saved: SavedRun, what: str) -> str:
    """Return a sentence if `what` was computed under other settings than the run; "" if not."""
    if not (differing := apart(saved)):
        return ""
    return (
        f"note: {'; '.join(differing)}: the last bits of {what} may differ from those that the run "
        "had"
    )


def apart(saved: SavedRun) -> list[str]:
    """Return the settings in which this process differs from those that worked on the run.

    Another commit of the code is not among them: most change no bit, and the version says more.
    """
    return [line for line in _with_commit(saved) if not line.startswith(COMMIT)]


def why_unequal(saved: SavedRun) -> str:
    """Return why the end of a run that is computed again may not be model.npz to the bit."""
    differing = _with_commit(saved)
    machine = saved.record.get("machine") or {}
    if (had := machine.get("cores")) != (has := provenance.machine()["cores"]):
        differing.append(f"cores: {had} in the run, {has} now")
    if differing:
        return f"what differs: {'; '.join(differing)}"
    return (
        "no version, processor, input file or number of cores differs, so that model.npz or "
        "config.yaml was changed after the run, or a processor computed a wrong number"
    )


def _with_commit(saved: SavedRun) -> list[str]:
    """Return what differs. What the run.json of an older version does not say is left out.

    So is the device: this process may not have chosen one.
    """
    was, now = saved.record, provenance.describe()
    for part in ("versions", "machine"):
        known, has = was.get(part) or {}, dict(cast("Record", now[part]))
        now[part] = {key: value for key, value in has.items() if key in known}
    kept = {key: was[key] for key in ("device", "data", "inputs") if key in was}
    return settings_apart(was, now | kept)
