"""`nnlab replay` for a run of `nnlab fashion`: its network after an epoch."""

from typing import Any

from nnlab.console.view import Silent, View
from nnlab.errors import NnlabError, UsageError
from nnlab.fashion import data
from nnlab.fashion.again import trained_again
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.look import Look
from nnlab.metric import Row
from nnlab.reports.replayed import Asked, Replayed
from nnlab.runs.checkpoint_file import Arrays, read
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.recorded import unchanged_config
from nnlab.runs.saved import SavedRun
from nnlab.runs.signals import Paused
from nnlab.runs.trained import is_finished, same_weights
from nnlab.text import printable, resume_line

START = "the start"


class Going(Silent):
    """Shows how far a training is, and nothing of its temporary folder."""

    def __init__(self, view: View) -> None:
        self._view = view

    def status(self, text: str) -> None:
        """Show a text until the next `progress`."""
        self._view.status(text)

    def progress(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are done."""
        self._view.progress(done, total, unit)

    def log(self, row: Row) -> None:
        """Show an epoch."""
        self._view.log(row)


def replay(saved: SavedRun, asked: Asked) -> Replayed:
    """Return the network after an epoch, from its checkpoint, or by training again from the start.

    The epoch that model.npz of a finished run holds is always trained again, and compared with it.

    Raises:
        UsageError: The run does not have this epoch, or began with other data.
        NnlabError: As `nnlab.fashion.train.train`.
    """
    config = unchanged_config(saved, FashionConfig)
    kept = _kept_epoch(saved, config)
    epoch = _wanted_epoch(saved, asked, config.epochs, kept)
    proven = is_finished(saved) and epoch == kept
    look = Look(saved, config, epoch)
    began, equal = START, None

    def watch(done: int, network: Any, dataset: Dataset) -> None:
        look(done, network, dataset)
        if done == epoch:
            raise Paused("this epoch was asked for")

    if not proven and epoch and _restored(saved, config, epoch, look):
        began = "its checkpoint"
    else:
        with trained_again(saved, watch, Going(asked.view), "nnlab replay"):
            equal = same_weights(look.weights, saved.weights()) if proven else None
    return Replayed(
        at=epoch,
        total=config.epochs,
        unit="epoch",
        began=began,
        measured=look.measured,
        weights=look.weights,
        draw=lambda: look.figures,
        stored=bool(equal) or began != START,
        equal=equal,
    )


def _last_epoch(saved: SavedRun) -> int:
    return int(max([0, *saved.metrics.get("epoch", [])[-1:]]))


def _kept_epoch(saved: SavedRun, config: FashionConfig) -> int:
    """Return the epoch whose weights the run has kept.

    That is the last one; with `patience`, the first one with the best validation accuracy.
    """
    accuracies = saved.metrics.get("val_accuracy", [])
    if config.patience is None or not is_finished(saved) or not accuracies:
        return _last_epoch(saved)
    return accuracies.index(max(accuracies)) + 1


def _wanted_epoch(saved: SavedRun, asked: Asked, total: int, kept: int) -> int:
    """Return the epoch that is asked for; `kept` if none is.

    Raises:
        UsageError: The run does not have it.
    """
    last = _last_epoch(saved)
    epoch = asked.epoch if asked.step is None else asked.step
    epoch = kept if epoch is None else epoch
    if 0 <= epoch <= last:
        return epoch
    path = printable(saved.path)
    if is_finished(saved):
        raise UsageError(f"{path} has no epoch {epoch:,}: its epochs are 0 to {last:,}")
    raise UsageError(
        f"{path} has no epoch {epoch:,}: it has done {last:,} of its {total:,} epochs "
        f"({saved.status}); to go on with it: {resume_line(saved.path)}"
    )


def _restored(saved: SavedRun, config: FashionConfig, epoch: int, look: Look) -> bool:
    """Look at the checkpoint of this epoch; return whether there is one."""
    checkpoints = map(Checkpoints(saved.path / "checkpoint").path, ("best", "last", "previous"))
    if not (paths := [path for path in checkpoints if path.is_file()]):
        return False
    from nnlab.fashion.restored import blank_network, expected_checkpoint

    network = blank_network(saved, config)
    expected = expected_checkpoint(config, network)
    for path in paths:
        try:
            found = read(path, expected)
        except NnlabError:  # damaged
            continue
        if found.about.facts.epoch == epoch:
            _look_at(found.arrays, network, config, look)
            return True
    return False


def _look_at(arrays: Arrays, network: Any, config: FashionConfig, look: Look) -> None:
    """Look at the network with the arrays of a checkpoint."""
    from nnlab.fashion import state

    state.restore(network, arrays)
    state.average(network)
    dataset = data.load(
        config.data, config.data_dir, say=lambda _: None, quiet=True, transpose=config.transpose
    )
    look(look.epoch, network, data.first(dataset, config.samples))
