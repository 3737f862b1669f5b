"""Train the network of Part 3 and write its run directory."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nnlab.errors import DivergedError, UsageError
from nnlab.fashion import data, plots
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import CLASSES, Dataset
from nnlab.fashion.device import load_tensorflow
from nnlab.fashion.progress import Progress
from nnlab.run import Run
from nnlab.signals import Interrupted


def train(config: FashionConfig, run: Run) -> None:
    """Train as `config` says, from the start or a resumed run's checkpoint; test, and fill `run`.

    Raises:
        UsageError: batch_size or validation_split do not fit the data, or a resumed run has gone
            further than `config` asks.
        DataError: the data are damaged, or nowhere and cannot be downloaded; or the checkpoints
            of a resumed run are damaged.
        DeviceError: the GPU that was asked for cannot be used.
        DivergedError: a loss or weight was not finite; the checkpoint before it is kept.
    """
    dataset = data.load(config.data, config.data_dir, say=run.view.note)
    held_out = first_held_out(config, len(dataset.y_train))
    device = load_tensorflow(config.device, config.batch_size, run.view)
    from nnlab.fashion import model
    from nnlab.fashion.callbacks import Epochs

    network = model.build(config, device.parts)
    progress = _restore(config, network, run)
    run.begin(
        parameters=network.count_params(),
        device={"asked": config.device, "used": device.used, "parts_of_a_batch": device.parts},
        data={"name": dataset.name, "source": dataset.source, "sha256": dataset.digests},
    )
    run.view.note(f"{network.count_params():,} parameters")
    epochs = Epochs(config, progress, held_out, run)
    run.signals.hold()  # until some steps are done; after the last epoch, until the run is finished
    try:
        _fit(config, network, dataset, epochs)
    except Interrupted as stop:
        epoch = epochs.progress.epoch + 1
        stop.add_note(f"epoch {epoch} of {config.epochs} will be repeated from its start")
        _draw_curves(config, run)
        raise
    kept = _keep(config, network, epochs.progress, run)
    _test(config, network, dataset, kept, run)


def _restore(config: FashionConfig, network: Any, run: Run) -> Progress:
    """Take over the checkpoint of a resumed run, if there is one."""
    from nnlab.fashion import model

    saved = run.restore(model.state(network), Progress)
    if saved is None:
        return Progress()
    progress = saved.about.facts
    if progress.epoch > config.epochs:
        raise UsageError(
            f"{run.path} has done {progress.epoch} epochs, more than the {config.epochs} asked"
        )
    model.load_state(network, saved.arrays)
    run.view.note(f"going on after epoch {progress.epoch} of {config.epochs}")
    return progress


def first_held_out(config: FashionConfig, count: int) -> int:
    """Return where the held-out part of `count` training images begins (Keras's own rule).

    Raises:
        UsageError: no image, or less than a batch, is left to train on.
    """
    index = math.floor(count * (1 - config.validation_split))
    if index == count:
        raise UsageError(
            f"validation_split {config.validation_split:g} leaves none of the {count:,} images "
            "to validate on"
        )
    if index < config.batch_size:
        raise UsageError(
            f"batch_size {config.batch_size:,} is more than the {index:,} images that "
            f"validation_split {config.validation_split:g} leaves to train on"
        )
    return index


def _fit(config: FashionConfig, network: Any, dataset: Dataset, epochs: Any) -> None:
    """Train the network from where `epochs.progress` stands."""
    from nnlab.fashion import batches

    if epochs.progress.is_over(config):
        return
    x, y, held_out = dataset.x_train, dataset.y_train, epochs.images
    with _finite_loss(config, network):
        network.fit(
            batches.in_orders(x[:held_out], y[:held_out], config.batch_size, epochs.order),
            validation_data=batches.in_order(x[held_out:], y[held_out:]),
            initial_epoch=epochs.progress.epoch,
            epochs=config.epochs,
            callbacks=[epochs],
            shuffle=False,  # `order` does that
            verbose=0,
        )


def _keep(config: FashionConfig, network: Any, progress: Progress, run: Run) -> int:
    """Save the final weights, with `patience` those of the best epoch; return their epoch."""
    from nnlab.fashion import model

    if config.patience is None:
        kept = progress.epoch
    else:
        kept = progress.best_epoch
        best = run.best(model.state(network), Progress, lambda saved: saved.epoch == kept)
        model.load_state(network, best.arrays)
        early = f"stopped early after epoch {progress.epoch}; " * (progress.epoch < config.epochs)
        run.view.note(f"{early}keeping the weights of epoch {kept}, the best in validation")
    run.save("model.npz", lambda path: np.savez(path, **model.weights(network)))
    return kept


@contextmanager
def _finite_loss(config: FashionConfig, network: Any) -> Iterator[None]:
    """Turn the fault of a loss that is not finite (`model.cross_entropy`) into a DivergedError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if "the loss" not in error.message:
            raise
        loss = math.nan if "NaN" in error.message else math.inf
        raise DivergedError(int(network.optimizer.iterations) + 1, config.lr, loss) from None


def _test(config: FashionConfig, network: Any, dataset: Dataset, kept: int, run: Run) -> None:
    """Test the network as it was after epoch `kept`, once; finish the run, and draw."""
    from nnlab.fashion import batches

    run.view.note(f"testing on {len(dataset.y_test):,} images")
    test = batches.in_order(dataset.x_test, dataset.y_test)
    with _finite_loss(config, network):
        test_loss, test_accuracy = network.evaluate(test, verbose=0)
    probabilities = network.predict(test, verbose=0)  # (images, 10)
    counts = plots.confusion_matrix(
        dataset.y_test.astype(int), probabilities.argmax(axis=1), len(CLASSES)
    )
    title = f"{dataset.name}, test accuracy {test_accuracy:.4f}"
    wrong = plots.mistakes_figure(
        dataset.x_test, dataset.y_test, probabilities, CLASSES, dataset.name
    )
    _draw_curves(config, run)
    run.save("plots/confusion.png", plots.confusion_figure(counts, CLASSES, title).savefig)
    run.save("plots/mistakes.png", wrong.savefig)
    row = run.history[kept - 1]
    metrics = {k: v for k, v in row.items() if k not in {"lr", "images_per_second"}}
    run.finish(metrics | {"test_loss": test_loss, "test_accuracy": test_accuracy})


def _draw_curves(config: FashionConfig, run: Run) -> None:
    """Draw what was learned by epoch."""
    sample = " (sample)" if config.data == "sample" else ""
    if run.history:
        run.save("plots/accuracy.png", plots.accuracy_figure(run.history, sample).savefig)
        run.save("plots/loss.png", plots.loss_figure(run.history, sample).savefig)
