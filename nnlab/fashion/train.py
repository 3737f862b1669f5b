"""Train the network of Part 3 and write its run directory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.errors import UsageError
from nnlab.fashion import data, results
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.device import Device, load_tensorflow
from nnlab.fashion.progress import Progress, Training
from nnlab.fashion.split import first_held_out, parts_of, steps_of
from nnlab.fashion.warnings import warnings
from nnlab.runs.run import Run
from nnlab.runs.signals import Interrupted


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
    dataset = data.load(config.data, config.data_dir, say=run.view.note, quiet=run.view.quiet)
    held_out = first_held_out(config, len(dataset.y_train))
    for line in warnings(config, held_out):
        run.view.note(line)
    device = load_tensorflow(config, run.view)
    steps = steps_of(config, held_out)
    network = prepare(config, dataset.x_train[:held_out], device)
    progress = _restore(config, network, run)
    run.begin(
        parameters=network.count_params(),
        device={
            "asked": config.device, "used": device.used, "parts_of_a_batch": network.parts,
            "jit_compile": device.jit_compile, **device.settings,
        },
        data={"name": dataset.name, "source": dataset.source, "sha256": dataset.digests},
    )  # fmt: skip
    validated = f"{len(dataset.y_train) - held_out:,}" if config.validation_split else "none"
    run.view.note(
        f"{network.count_params():,} parameters; images to train on {held_out:,}, "
        f"to validate on {validated}"
    )
    training = Training(config, run, held_out, steps, progress)
    run.signals.hold()  # until some steps are done; after the last epoch, until the run is finished
    try:
        _fit(network, dataset, training)
    except Interrupted as stop:
        epoch = training.progress.epoch + 1
        stop.add_note(f"epoch {epoch} of {config.epochs} will be repeated from its start")
        results.draw_curves(config, run, steps)
        if run.history:
            run.summarize(results.summary(run.history[-1]))
        raise
    kept = _keep(config, network, training.progress, run)
    tested = results.test(config, network, dataset, kept, run)
    results.draw_curves(config, run, steps, tested)


def prepare(config: FashionConfig, images: NDArray[np.uint8], device: Device) -> Any:
    """Return the network that `config` trains on `images` (n, 28, 28), which lie on the device."""
    from nnlab.fashion import batches
    from nnlab.fashion import network as networks

    parts = 1 if "GPU" in device.used else parts_of(config, len(images))
    steps = steps_of(config, len(images))
    network = networks.build(config, parts)
    networks.compile_for_training(network, config, steps, jit_compile=device.jit_compile)
    network.images = batches.Resident(images, device.used)
    return network


def _restore(config: FashionConfig, network: Any, run: Run) -> Progress:
    """Take over the checkpoint of a resumed run, if there is one."""
    from nnlab.fashion import state

    saved = run.restore(state.collect(network), Progress)
    if saved is None:
        return Progress()
    progress = saved.about.facts
    if progress.epoch > config.epochs:
        raise UsageError(
            f"{run.path} has done {progress.epoch} epochs, more than the {config.epochs} asked"
        )
    state.restore(network, saved.arrays)
    run.view.note(f"going on after epoch {progress.epoch} of {config.epochs}")
    return progress


def _fit(network: Any, dataset: Dataset, training: Training) -> None:
    """Train the network for the epochs that `training.progress` leaves."""
    from nnlab.fashion import batches
    from nnlab.fashion.callbacks import make_callbacks
    from nnlab.fashion.divergence import diverged_errors

    config, held_out = training.config, training.images
    if training.progress.is_over(config):
        return
    x, y = dataset.x_train, dataset.y_train
    validation = batches.in_order(x[held_out:], y[held_out:]) if held_out < len(y) else None
    with diverged_errors(network, config.lr):
        network.fit(
            batches.in_orders(
                y[:held_out],
                config.batch_size,
                lambda: data.order(config, held_out, training.progress.epoch),
            ),
            validation_data=validation,
            initial_epoch=training.progress.epoch,
            epochs=config.epochs,
            callbacks=make_callbacks(training),
            shuffle=False,  # `order` does that
            verbose=0,
        )


def _keep(config: FashionConfig, network: Any, progress: Progress, run: Run) -> int:
    """Save the final weights, with `patience` those of the best epoch; return their epoch."""
    from nnlab.fashion import state

    if config.patience is None:
        kept = progress.epoch
    else:
        kept = progress.best_epoch
        best = run.best(state.collect(network), Progress, lambda saved: saved.epoch == kept)
        state.restore(network, best.arrays)
        early = f"stopped early after epoch {progress.epoch}; " * (progress.epoch < config.epochs)
        run.view.note(f"{early}keeping the weights of epoch {kept}, the best in validation")
    state.average(network)
    run.save("model.npz", lambda file: np.savez(file, **state.weights(network)))
    return kept
