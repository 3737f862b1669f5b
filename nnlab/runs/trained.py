"""The weights of a saved run: the final ones, or those of its newest checkpoint.

Reading them locks and writes nothing, so the run may still be training.
"""

from typing import Any

from numpy.typing import NDArray

from nnlab.errors import DataError, NnlabError
from nnlab.runs.checkpoint_file import AnyFacts, Arrays, Checkpoint, Expected, read
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.saved import SavedRun
from nnlab.text import listed


def is_finished(saved: SavedRun) -> bool:
    """Return whether the run has final weights. Raises UsageError if its run.json is damaged."""
    return bool(saved.record["status"] == "completed")


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


def newest_checkpoint(
    saved: SavedRun, expected: Expected[AnyFacts]
) -> tuple[Checkpoint[AnyFacts], str]:
    """Return the newest good checkpoint of a run, and the name of its file.

    Raises:
        DataError: there is none, or none can be used.
    """
    checkpoints = Checkpoints(saved.path / "checkpoint")
    faults = []
    for path in map(checkpoints.path, ("last", "previous")):
        if path.is_file():
            try:
                return read(path, expected), path.name
            except NnlabError as fault:  # damaged, or of another config
                faults.append(str(fault))
    if faults:
        raise DataError("\n  ".join([f"{saved.path}: no checkpoint can be used", *faults]))
    raise DataError(f"{saved.path} has no weights yet: it is {saved.status}, and has no checkpoint")


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
