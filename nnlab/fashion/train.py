"""Train the network of Part 3 and write its run directory."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.errors import UsageError
from nnlab.fashion import data, drawing, results
from nnlab.fashion.cautions import cautions, of_data
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.dataset.idx import CLASS_COUNT
from nnlab.fashion.device import Device, load_tensorflow, release
from nnlab.fashion.progress import Progress, Training
from nnlab.fashion.recorded import refuse_other_data
from nnlab.fashion.split import parts_per_batch, total_steps, training_size
from nnlab.runs.run import Run
from nnlab.runs.signals import Paused, Stop

Watch = Callable[[int, Any, Dataset], None]
"""Looks at (epochs done, network, data), and changes none of them; see `train`."""


def train(config: FashionConfig, run: Run, watch: Watch | None = None) -> None:
    """Train as `config` says, test the network, and write the results into `run`.

    A resumed run continues from its checkpoint. What Keras keeps of the network is released at the
    end, since many runs may follow each other in one process.

    Args:
        config: The config of the run.
        run: The run.
        watch: Called before the first epoch and after each; with `ema` the network then has the
            averages of its weights.

    Raises:
        UsageError: the config does not fit the data; or a resumed run began with other data, or
            has done more epochs than `config` asks for.
        DataError: the data are damaged, or were not found and cannot be downloaded; or the
            checkpoints of a resumed run are damaged.
        DeviceError: the GPU that the config asks for cannot be used.
        DivergedError: a loss or weight was not finite; the last checkpoint stays.
    """
    dataset = data.load(
        config.data, config.data_dir, say=run.view.note, quiet=run.view.quiet,
        transpose=config.transpose,
    )  # fmt: skip
    refuse_other_data(run.saved(), dataset)
    dataset = data.first(dataset, config.samples)
    if misfits := list(config.misfits(dataset.side)):
        raise UsageError("; ".join(misfits))
    images = training_size(config, len(dataset.y_train))
    for line in (*cautions(config, images, dataset.side), *of_data(dataset, images)):
        run.view.note(line)
    device = load_tensorflow(config, run.view)
    try:
        _train_on(device, config, dataset, images, run, watch)
    finally:
        release()


def _train_on(
    device: Device,
    config: FashionConfig,
    dataset: Dataset,
    images: int,
    run: Run,
    watch: Watch | None,
) -> None:
    """Train on `device` with the first `images` training images, test, and write the results."""
    steps = total_steps(config, images)
    network = compiled_network(config, dataset.x_train[:images], device, len(dataset.classes))
    progress = _restore_checkpoint(config, network, run)
    training = Training(config, run, images, steps, progress)
    _begin(training, network, device, dataset)
    if run.pictures:
        with run.untimed():
            order = data.order(config, 0, dataset.y_train[:images], len(dataset.classes))
            drawing.draw_samples(config, network, dataset, order, run)
    # Signals are held back: `CheckSignals` looks for them between steps, and from the last epoch on
    # they wait until the run is finished.
    run.signals.hold()
    try:
        _fit(network, dataset, training, watch)
    except Stop as stop:
        done = training.progress.epoch
        if isinstance(stop, Paused):
            stop.add_note(f"saved after epoch {done} of {config.epochs}: none will be repeated")
        else:
            stop.add_note(f"epoch {done + 1} of {config.epochs} will be repeated from its start")
        if run.pictures:
            drawing.draw_curves(config, run, steps)
        if run.last:
            run.summarize(results.summary(run.last))
        raise
    epoch = _save_model(config, network, training.progress, run)
    tested = results.test(config, network, dataset, epoch, run)
    if run.pictures:
        drawing.draw_curves(config, run, steps, tested)


def compiled_network(
    config: FashionConfig, images: NDArray[np.uint8], device: Device, classes: int = CLASS_COUNT
) -> Any:
    """Build and compile the network that trains on `images`, and copy them to `device`.

    Args:
        config: The config of the training.
        images: The training images, (n, side, side).
        device: The device that trains.
        classes: Number of classes.
    """
    from nnlab.fashion import network as networks
    from nnlab.fashion.batches import DeviceImages

    parts = 1 if "GPU" in device.used else parts_per_batch(config, len(images))
    steps = total_steps(config, len(images))
    network = networks.build(config, parts, side=images.shape[1], classes=classes)
    networks.compile_for_training(network, config, steps, jit_compile=device.jit_compile)
    network.images = DeviceImages(images, device.used)
    return network


def _restore_checkpoint(config: FashionConfig, network: Any, run: Run) -> Progress:
    """Load the checkpoint of a resumed run into `network`; return the progress it was made at."""
    from nnlab.fashion import state

    saved = run.restore(state.collect(network), Progress)
    if saved is None:
        return Progress()
    progress = saved.about.facts
    if progress.epoch > config.epochs:
        raise UsageError(
            f"{run.path} has done {progress.epoch} epochs, more than the {config.epochs} asked; "
            f"take --epochs {progress.epoch} or more"
        )
    state.restore(network, saved.arrays)
    run.view.note(f"continuing after epoch {progress.epoch} of {config.epochs}")
    return progress


def _begin(training: Training, network: Any, device: Device, dataset: Dataset) -> None:
    """Record the network's size, the device and the data in run.json; tell the user the sizes."""
    training.run.begin(
        parameters=network.count_params(),
        device={
            "asked": training.config.device, "used": device.used, "parts_of_a_batch": network.parts,
            "jit_compile": device.jit_compile, **device.settings,
        },
        data={
            "name": dataset.name, "source": dataset.source, "sha256": dataset.digests,
            "side": dataset.side, "classes": list(dataset.classes),
        },
        training_images=training.images,
    )  # fmt: skip
    training.run.view.note(
        f"{network.count_params():,} parameters, {training.images:,} training images, "
        f"{len(dataset.y_train) - training.images:,} validation images"
    )


def _fit(network: Any, dataset: Dataset, training: Training, watch: Watch | None) -> None:
    """Train the network for the epochs that remain after `training.progress`."""
    from nnlab.fashion.batches import evaluation_batches, training_batches
    from nnlab.fashion.callbacks import Watched, make_callbacks
    from nnlab.fashion.divergence import diverged_errors

    config, images = training.config, training.images
    if training.progress.is_over(config):
        return
    training.run.pause()
    if watch:
        watch(training.progress.epoch, network, dataset)

    def next_order() -> NDArray[Any]:
        return data.order(config, training.progress.epoch, y[:images], len(dataset.classes))

    x, y = dataset.x_train, dataset.y_train
    with diverged_errors(network, config.lr):
        network.fit(
            training_batches(y[:images], config.batch_size, next_order),
            validation_data=evaluation_batches(x[images:], y[images:]) if images < len(y) else None,
            initial_epoch=training.progress.epoch,
            epochs=config.epochs,
            callbacks=make_callbacks(training) + ([Watched(watch, dataset)] if watch else []),
            shuffle=False,  # `next_order` shuffles
            verbose=0,
        )


def _save_model(config: FashionConfig, network: Any, progress: Progress, run: Run) -> int:
    """Save the final weights as model.npz; return the epoch that they are from.

    That is the last epoch, or with `patience` the best one, whose weights are loaded into
    `network`. With `ema` the averages of the weights are saved.
    """
    from nnlab.fashion import state

    epoch = progress.epoch
    if config.patience is not None:
        epoch = progress.best_epoch
        best = run.best(lambda saved: saved.epoch == epoch)
        state.restore(network, best.arrays)
        early = f"stopped early after epoch {progress.epoch}; " * (progress.epoch < config.epochs)
        run.view.note(f"{early}keeping the weights of epoch {epoch}, the best in validation")
    state.average(network)
    run.save("model.npz", lambda file: np.savez(file, **state.weights(network)))
    return epoch
