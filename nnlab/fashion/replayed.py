"""`nnlab replay` for a run of `nnlab fashion`: its network after an epoch."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent, View
from nnlab.errors import NnlabError, UsageError
from nnlab.fashion import data, drawing, score_plots
from nnlab.fashion.again import trained_again
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.recorded import refuse_other_data
from nnlab.fashion.scores import confusion_matrix
from nnlab.fashion.split import training_size
from nnlab.metric import Row
from nnlab.reports.replayed import Asked, Measured, Replayed
from nnlab.runs.checkpoint_file import Arrays, read
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.saved import SavedRun
from nnlab.runs.signals import Paused
from nnlab.runs.trained import is_finished, same_weights
from nnlab.text import printable, resume_line

GRADIENT_IMAGES = 500  # training images over which the gradient is measured


class _Going(Silent):
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


class _Look:
    """Looks at the network after one epoch, and keeps what is asked of it.

    Attributes:
        epoch: the epoch.
        weights: its weights; with `ema` the averages.
        measured: its numbers.
        figures: its pictures.
    """

    def __init__(self, saved: SavedRun, config: FashionConfig, epoch: int) -> None:
        self._saved, self._config, self.epoch = saved, config, epoch
        self.weights: dict[str, NDArray[Any]] = {}
        self.measured: tuple[Measured, ...] = ()
        self.figures: dict[str, Figure] = {}

    def __call__(self, epoch: int, network: Any, dataset: Dataset) -> None:
        """Look at the network after `epoch`; 0 is before the first one."""
        refuse_other_data(self._saved, dataset)
        if epoch != self.epoch:
            return
        from nnlab.fashion import state

        self.weights = state.weights(network)
        images = training_size(self._config, len(dataset.y_train))
        loss, norms = _gradient(network, dataset.x_train[:images], dataset.y_train[:images])
        over = f"over the first {min(images, GRADIENT_IMAGES):,} training images, without dropout"
        self.measured = (
            Measured("loss", loss, f"cross-entropy in nats, {over}"),
            *self._validation(network, dataset, images),
            Measured(
                "gradient",
                float(np.hypot.reduce([*norms.values()])),
                "norm of its gradient",
            ),
            *(Measured(f"gradient_{name}", norm, "of its part") for name, norm in norms.items()),
        )
        self.figures["filters.png"] = drawing.filters(network, dataset)

    def _validation(self, network: Any, dataset: Dataset, images: int) -> tuple[Measured, ...]:
        """Measure the network on the validation images, if there are some; draw its confusions."""
        x, y, names = dataset.x_train[images:], dataset.y_train[images:], dataset.classes
        if not len(y):
            return ()
        from nnlab.fashion.batches import evaluation_batches

        logits = network.predict(evaluation_batches(x, y), verbose=0)  # (images, classes)
        predicted = logits.argmax(axis=1)
        accuracy = float(np.mean(predicted == y))
        self.figures["confusion.png"] = score_plots.confusion_figure(
            confusion_matrix(y, predicted, len(names)), names,
            f"{dataset.name}, epoch {self.epoch}, validation accuracy {accuracy:.4f}",
        )  # fmt: skip
        loss = float(np.mean(network.loss(y, logits), dtype=np.float64))
        return (
            Measured("val_accuracy", accuracy, f"on the {len(y):,} validation images"),
            Measured("val_loss", loss, "on the same images"),
        )


def replay(saved: SavedRun, asked: Asked) -> Replayed:
    """Return the network after an epoch, from its checkpoint, or by training again from the start.

    The last epoch of a finished run is always trained again, and the end compared with model.npz.

    Raises:
        UsageError: The run does not have this epoch, or began with other data.
        NnlabError: As `nnlab.fashion.train.train`.
    """
    config = resolve(FashionConfig, saved.path / "config.yaml", {}).config
    epoch, last = _wanted_epoch(saved, asked, config.epochs)
    proven = is_finished(saved) and epoch == last
    look = _Look(saved, config, epoch)
    began, equal = "the start", None

    def watch(done: int, network: Any, dataset: Dataset) -> None:
        look(done, network, dataset)
        if done == epoch and not proven:
            raise Paused("this epoch was asked for")

    if not proven and epoch and _restored(saved, config, epoch, look):
        began = "its checkpoint"
    else:
        with trained_again(saved, watch, _Going(asked.view), "nnlab replay") as again:
            equal = same_weights(again.weights(), saved.weights()) if proven else None
    return Replayed(
        at=epoch, total=config.epochs, unit="epoch", began=began, measured=look.measured,
        weights=look.weights, draw=lambda: look.figures, equal=equal,
    )  # fmt: skip


def _wanted_epoch(saved: SavedRun, asked: Asked, total: int) -> tuple[int, int]:
    """Return the epoch that is asked for, and the last one that the run has.

    Raises:
        UsageError: The run does not have it.
    """
    last = int(max([0, *saved.metrics.get("epoch", [])[-1:]]))
    epoch = asked.epoch if asked.step is None else asked.step
    epoch = last if epoch is None else epoch
    if 0 <= epoch <= last:
        return epoch, last
    path = printable(saved.path)
    if is_finished(saved):
        raise UsageError(f"{path} has no epoch {epoch:,}: its epochs are 0 to {last:,}")
    raise UsageError(
        f"{path} has no epoch {epoch:,}: it has done {last:,} of its {total:,} epochs "
        f"({saved.status}); to go on with it: {resume_line(saved.path)}"
    )


def _restored(saved: SavedRun, config: FashionConfig, epoch: int, look: _Look) -> bool:
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


def _look_at(arrays: Arrays, network: Any, config: FashionConfig, look: _Look) -> None:
    """Look at the network with the arrays of a checkpoint."""
    from nnlab.fashion import state

    state.restore(network, arrays)
    state.average(network)
    dataset = data.load(
        config.data, config.data_dir, say=lambda _: None, quiet=True, transpose=config.transpose
    )
    look(look.epoch, network, data.first(dataset, config.samples))


def _gradient(
    network: Any, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[float, dict[str, float]]:
    """Return the mean loss of the first images, and the norm of its gradient by layer."""
    import tensorflow as tf

    from nnlab.fashion.batches import normalize

    some, true = normalize(images[:GRADIENT_IMAGES]), labels[:GRADIENT_IMAGES]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(network.loss(true, network(some, training=False)))
    layers = {la.name: la.trainable_variables for la in network.layers if la.trainable_variables}
    found = tape.gradient(loss, [[v.value for v in each] for each in layers.values()])
    return float(loss), {
        name: float(tf.linalg.global_norm(each)) for name, each in zip(layers, found, strict=True)
    }
