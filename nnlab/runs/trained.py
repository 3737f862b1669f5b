"""The weights of a saved run: the final ones, or those of its newest checkpoint.

Reading them locks and writes nothing, so the run may still be training.
"""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nnlab.errors import DataError, NnlabError
from nnlab.runs.checkpoint_file import AnyFacts, Arrays, Checkpoint, Expected, read
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.find import latest_first
from nnlab.runs.saved import SavedRun
from nnlab.text import listed

_NONE_YET = {  # status -> why a run has no weights
    "running": "it is running, and has not written a checkpoint yet",
    "killed": "it was killed before its first checkpoint",
    "interrupted": "it was interrupted before its first checkpoint",
    "diverged": "it diverged before its first checkpoint",
    "failed": "it failed before its first checkpoint",
}


def is_finished(saved: SavedRun) -> bool:
    """Return whether the run has final weights. Raises UsageError if its run.json is damaged."""
    return bool(saved.record["status"] == "completed")


def require_weights(saved: SavedRun) -> None:
    """Refuse a run without weights, before anything is loaded for them.

    Raises:
        DataError: it has none; the message names the newest run of its experiment that has some.
        UsageError: its run.json is damaged.
    """
    if not _has_weights(saved):
        why = _NONE_YET.get(saved.status, "model.npz is missing")
        beside = map(SavedRun, latest_first(saved.path.parent))
        other = next((run.path for run in beside if _is_like(run, saved.experiment)), None)
        hint = f"; the newest run of {saved.experiment} that has some: {other}" if other else ""
        raise DataError(f"{saved.path} has no weights: {why}{hint}")


def _has_weights(saved: SavedRun) -> bool:
    if is_finished(saved):
        return (saved.path / "model.npz").is_file()
    return any(path.is_file() for path in _kept(saved))


def _is_like(run: SavedRun, experiment: str) -> bool:
    """Return whether it is a run of the experiment, undamaged and with weights."""
    return run.status != "damaged" and run.experiment == experiment and _has_weights(run)


def _kept(saved: SavedRun) -> list[Path]:
    """Return where the checkpoints are from which the weights can be read, the newest first."""
    checkpoints = Checkpoints(saved.path / "checkpoint")
    return [checkpoints.path("last"), checkpoints.path("previous")]


def final_weights(saved: SavedRun, like: Arrays) -> dict[str, NDArray[Any]]:
    """Return the weights in model.npz.

    Args:
        saved: a finished run.
        like: arrays with the names, shapes and types that the weights must have.

    Raises:
        DataError: model.npz is missing or damaged, or its weights are those of another config.
    """
    found = saved.weights(most=sum(array.nbytes for array in like.values()))
    path = saved.path / "model.npz"
    if found.keys() != like.keys():
        has, wanted = listed(sorted(found)), listed(sorted(like))
        raise DataError(
            f"{path} does not fit config.yaml: it holds {has or 'nothing'}, not {wanted}"
        )
    for name, wanted_array in like.items():
        has, wanted = _kind(found[name]), _kind(wanted_array)
        if has != wanted:
            raise DataError(f"{path} does not fit config.yaml: {name} is {has}, not {wanted}")
    return found


def same_weights(one: Arrays, other: Arrays) -> bool:
    """Return whether both hold the same arrays, to the bit."""
    return one.keys() == other.keys() and all(
        _kind(array) == _kind(other[name]) and array.tobytes() == other[name].tobytes()
        for name, array in one.items()
    )


def newest_checkpoint(
    saved: SavedRun, expected: Expected[AnyFacts]
) -> tuple[Checkpoint[AnyFacts], str]:
    """Return the newest good checkpoint of a run, and the name of its file.

    Raises:
        DataError: there is none, or none can be used.
    """
    require_weights(saved)
    faults = []
    for path in _kept(saved):
        if path.is_file():
            try:
                return read(path, expected), path.name
            except NnlabError as fault:  # damaged, or of another config
                faults.append(str(fault))
    raise DataError("\n  ".join([f"{saved.path}: no checkpoint can be used", *faults]))


def unfinished(saved: SavedRun, file: str, position: str) -> str:
    """Return the sentence that says which weights of an unfinished run are used.

    Args:
        saved: the run.
        file: the name of the checkpoint's file.
        position: where the run was, such as "after epoch 3 of 10".
    """
    newest = f"its newest checkpoint ({file}), {position}"
    return f"{saved.path} is not finished ({saved.status}): using {newest}"


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype} {array.shape}"
