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
from nnlab.run import Run


def train(config: FashionConfig, run: Run) -> None:
    """Train as `config` says; log, save, test and draw into `run`.

    Raises:
        UsageError: batch_size or validation_split do not fit the data.
        DataError: the data are damaged, or nowhere and cannot be downloaded.
        DeviceError: the GPU that was asked for cannot be used.
        DivergedError: a loss was not finite; what had been logged is kept.
    """
    dataset = data.load(config.data, config.data_dir, say=run.view.note)
    held_out = first_held_out(config, len(dataset.y_train))
    device = load_tensorflow(config.device, config.batch_size, run.view)
    from nnlab.fashion import model

    network = model.build(config, device.parts)
    run.begin(
        parameters=network.count_params(),
        device={"asked": config.device, "used": device.used, "parts_of_a_batch": device.parts},
        data={"name": dataset.name, "source": dataset.source, "sha256": dataset.digests},
    )
    run.view.note(f"{network.count_params():,} parameters")
    history = _fit(config, network, dataset, held_out, run)
    run.save("model.npz", lambda path: np.savez(path, **model.weights(network)))
    _test(config, network, dataset, history, run)


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


def _fit(
    config: FashionConfig,
    network: Any,
    dataset: Dataset,
    held_out: int,
    run: Run,
) -> list[dict[str, float]]:
    """Train the network; return the logged rows."""
    from nnlab.fashion import batches
    from nnlab.fashion.callbacks import Epochs

    epochs = Epochs(config, held_out, run)
    x, y = dataset.x_train, dataset.y_train
    with _finite_loss(config, network):
        network.fit(
            batches.in_orders(x[:held_out], y[:held_out], config.batch_size, epochs.order),
            validation_data=batches.in_order(x[held_out:], y[held_out:]),
            epochs=config.epochs,
            callbacks=[epochs],
            shuffle=False,  # `order` does that
            verbose=0,
        )
    return epochs.history


@contextmanager
def _finite_loss(config: FashionConfig, network: Any) -> Iterator[None]:
    """Turn the fault of a loss that is not finite (`model.cross_entropy`) into a DivergedError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if "the loss" not in error.message:
            raise
        raise DivergedError(int(network.optimizer.iterations) + 1, config.lr) from None


def _test(
    config: FashionConfig,
    network: Any,
    dataset: Dataset,
    history: list[dict[str, float]],
    run: Run,
) -> None:
    """Test the trained network once, finish the run, and draw."""
    from nnlab.fashion import batches

    run.view.note(f"testing on {len(dataset.y_test):,} images")
    test = batches.in_order(dataset.x_test, dataset.y_test)
    with _finite_loss(config, network):
        test_loss, test_accuracy = network.evaluate(test, verbose=0)
    probabilities = network.predict(test, verbose=0)  # (images, 10)
    sample = " (sample)" if config.data == "sample" else ""
    counts = plots.confusion_matrix(
        dataset.y_test.astype(int), probabilities.argmax(axis=1), len(CLASSES)
    )
    title = f"{dataset.name}, test accuracy {test_accuracy:.4f}"
    wrong = plots.mistakes_figure(
        dataset.x_test, dataset.y_test, probabilities, CLASSES, dataset.name
    )
    run.save("plots/accuracy.png", plots.accuracy_figure(history, sample).savefig)
    run.save("plots/loss.png", plots.loss_figure(history, sample).savefig)
    run.save("plots/confusion.png", plots.confusion_figure(counts, CLASSES, title).savefig)
    run.save("plots/mistakes.png", wrong.savefig)
    last = {k: v for k, v in history[-1].items() if k not in {"lr", "images_per_second"}}
    run.finish(last | {"test_loss": test_loss, "test_accuracy": test_accuracy})
