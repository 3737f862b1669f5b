"""Draw the pictures of a run, and write them to it."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.fashion import image_plots, plots, score_plots
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset, title_note
from nnlab.fashion.tested import Tested
from nnlab.plots import write_png
from nnlab.runs.run import Run

POINTS = 2000  # of a curve over steps; more points would not be visible


def draw_samples(
    config: FashionConfig, network: Any, dataset: Dataset, order: NDArray[Any], run: Run
) -> None:
    """Draw what the network is shown in the first step, before it takes that step.

    So a wrong augmentation is seen before the training has taken its time.

    Args:
        config: The config of the run.
        network: The network, with its training images.
        dataset: The images and labels.
        order: The order of the images in the first epoch, (images,).
        run: The run.
    """
    from nnlab.fashion.views import augmented

    batch = order[: config.batch_size]
    few = batch[: image_plots.SHOWN]
    shown, how = None, "no augmentation: the network is shown the images as they are"
    if config.augment:
        shown = augmented(network, batch, config.seed)[: len(few)]
        how = f"each above what {', '.join(config.augment)} made of it"
    part = f"{len(few)} of " * (len(few) < len(batch))
    note = f"{part}the {len(batch):,} images of the first step\n{how}"
    figure = image_plots.samples_figure(
        dataset.x_train[few] / 255, shown, dataset.y_train[few], dataset.classes, dataset.name, note
    )
    run.save("plots/samples.png", partial(write_png, figure))


def draw_scores(dataset: Dataset, tested: Tested, run: Run) -> None:
    """Draw the confusion matrix and the calibration of the test."""
    title = f"{dataset.name}, test accuracy {tested.accuracy:.4f}"
    confusion = score_plots.confusion_figure(np.array(tested.confusion), dataset.classes, title)
    run.save("plots/confusion.png", partial(write_png, confusion))
    calibration = score_plots.calibration_figure(tested, dataset.name)
    run.save("plots/calibration.png", partial(write_png, calibration))


def draw_images(network: Any, dataset: Dataset, probabilities: NDArray[Any], run: Run) -> None:
    """Draw the worst mistakes, and the first filters with what they make of a test image each.

    Args:
        network: The network that was tested.
        dataset: The images and labels.
        probabilities: What it predicted for the test images, (images, classes).
        run: The run.
    """
    x, y, names = dataset.x_test, dataset.y_test, dataset.classes
    mistakes = image_plots.mistakes_figure(x, y, probabilities, names, dataset.name)
    run.save("plots/mistakes.png", partial(write_png, mistakes))
    run.save("plots/filters.png", partial(write_png, filters(network, dataset)))


def filters(network: Any, dataset: Dataset) -> Figure:
    """Return the picture of the first filters, and what they make of a test image of each class."""
    from nnlab.fashion.views import first_maps

    x, y = dataset.x_test, dataset.y_test
    labels, first = np.unique(y, return_index=True)
    labels, first = labels[: image_plots.CLASSES], first[: image_plots.CLASSES]
    kernels = network.get_layer("conv1").kernel.numpy()[:, :, 0]  # (side, side, filters)
    return image_plots.filters_figure(
        kernels,
        x[first] / 255,
        first_maps(network, x[first]),
        labels,
        dataset.classes,
        dataset.name,
    )


def draw_curves(config: FashionConfig, run: Run, steps: int, tested: float | None = None) -> None:
    """Draw accuracy and loss by epoch, and the learning rate if it has a schedule.

    Args:
        config: The config of the run.
        run: The run, with the rows logged so far.
        steps: Number of steps of the whole training.
        tested: The accuracy on the test set, if it is known.
    """
    from nnlab.fashion.schedule import Schedule

    note = title_note(config)
    if history := run.history:  # read from metrics.csv
        training = config.training_mode
        accuracy = plots.accuracy_figure(history, training, note, tested)
        run.save("plots/accuracy.png", partial(write_png, accuracy))
        loss = plots.loss_figure(history, training, note)
        run.save("plots/loss.png", partial(write_png, loss))
    if not config.constant_lr:
        at = np.linspace(0, steps - 1, min(steps, POINTS))
        rates = Schedule(config, steps)(at).numpy()
        title = f"learning rate, {config.lr_schedule}{note}"
        figure = plots.lr_figure(at * config.epochs / steps, rates, title)
        run.save("plots/lr.png", partial(write_png, figure))
