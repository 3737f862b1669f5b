"""Look at a network in the middle of its training: its weights, loss, gradient and confusions."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.fashion import drawing, score_plots
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.recorded import refuse_other_data
from nnlab.fashion.scores import confusion_matrix
from nnlab.fashion.split import training_size
from nnlab.reports.replayed import Measured
from nnlab.runs.saved import SavedRun

GRADIENT_IMAGES = 500  # training images over which the gradient is measured


class Look:
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
        from nnlab.fashion.batches import logits_of

        logits = logits_of(network, x)  # (images, classes)
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
