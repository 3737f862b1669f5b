"""A run of `nnlab fashion` as a film: its filters, its confusions and its changes of mind."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.console.view import View
from nnlab.errors import DataError, UsageError
from nnlab.fashion.again import trained_again
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset
from nnlab.fashion.recorded import refuse_other_data
from nnlab.fashion.replayed import Going
from nnlab.reports.film import Curves, Film, Filming, Gallery, Grid, Panel
from nnlab.reports.film_axis import Array, Axis
from nnlab.runs.recorded import recorded_config
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import same_weights
from nnlab.text import span

MOST_SECONDS = 3600.0  # of the training of a run that is trained again
FILTERS = 64  # that are shown, at most
NUMBERED = 12  # classes; more have no numbers beside the matrix
IMAGES = 24  # of the test set that are shown
LEAST_LOSS = 1e-6  # of a logarithmic axis
CAUTION = (
    "The test images are looked at after every epoch only for this page: a choice that is made by "
    "them makes their accuracy too good."
)


def last_epoch(saved: SavedRun) -> int:
    """Return the last epoch of a run; UsageError if its training took too long to repeat it."""
    columns = saved.metrics
    if not columns.get("epoch"):
        raise DataError(f"{saved.path / 'metrics.csv'} has no epoch")
    if (took := columns["seconds"][-1]) > MOST_SECONDS:
        raise UsageError(
            f"{saved.path} trained for {span(took)}. A run of fashion keeps no epoch but its last "
            f"and its best, so scrub has to train it again, which it does up to "
            f"{span(MOST_SECONDS)}"
        )
    return int(columns["epoch"][-1])


def film(saved: SavedRun, epochs: Sequence[int], view: View) -> Film:
    """Train the run again in a temporary folder, and return its epochs as a film.

    Args:
        saved: a finished run.
        epochs: ascending from 0, the untrained network; the last one is the run's last.
        view: shows how far the training is.

    Raises:
        NnlabError: as `nnlab.fashion.train.train`; StoppedError after Ctrl-C.
    """
    config = recorded_config(saved, FashionConfig).config
    took = span(saved.metrics["seconds"][-1])
    view.note(f"training {saved.path} again, in a temporary folder: it took {took}")
    watch = _Watch(saved, frozenset(epochs), config.lr)
    with trained_again(saved, watch, Going(view), "nnlab scrub") as again:
        losses = dict(zip(again.metrics["epoch"], again.metrics["loss"], strict=True))
        same = same_weights(again.weights(), saved.weights())
    notes = [CAUTION]
    if config.patience is not None:
        notes.append("model.npz has the weights of the best epoch; the last frame is the last.")
    found = watch.film([losses.get(epoch, math.nan) for epoch in epochs], epochs, notes)
    return replace(found, equal=same)


class _Watch:
    """Looks at a network after the epochs of a film, and keeps what it shows of them."""

    def __init__(self, saved: SavedRun, epochs: frozenset[int], lr: float) -> None:
        self._saved, self._epochs, self._lr = saved, epochs, lr
        self._kernels: list[Array] = []
        self._predicted: list[NDArray[np.int64]] = []
        self._tested: list[Any] = []
        self._dataset: Dataset | None = None

    def __call__(self, epoch: int, network: Any, dataset: Dataset) -> None:
        """Test the network after `epoch`; 0 is before the first one."""
        from nnlab.fashion import state
        from nnlab.fashion.results import evaluate

        if self._dataset is None:
            refuse_other_data(self._saved, dataset)
            self._dataset = dataset
        if epoch in self._epochs:
            result = evaluate(network, dataset, self._lr)
            self._tested.append(result.tested)
            self._predicted.append(result.probabilities.argmax(axis=1))
            self._kernels.append(np.asarray(state.weights(network)["conv1/kernel"], np.float64))

    def film(self, losses: list[float], epochs: Sequence[int], notes: Sequence[str]) -> Film:
        """Return the film; `losses` are those of the training."""
        dataset = self._dataset
        assert dataset is not None  # noqa: S101 - the training has ended
        predicted = np.array(self._predicted)  # (frames, images)
        changed = np.count_nonzero(predicted[1:] != predicted[:-1], axis=1)
        numbers: dict[str, list[float]] = {
            "test accuracy": [tested.accuracy for tested in self._tested],
            "test loss": [tested.loss for tested in self._tested],
            "training loss": losses,
            "changed": [math.nan, *changed.tolist()],
        }
        counts = np.array([tested.confusion for tested in self._tested], np.float64)
        shares = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)
        both = np.array([numbers["test loss"], numbers["training loss"]])
        both = np.clip(both, LEAST_LOSS, 1 / LEAST_LOSS)  # NaN stays
        panels: list[Panel] = [
            Curves(
                "The loss", "Cross-entropy. Where the test loss rises while the training loss "
                "falls, the network learns its images by heart. (Dropout is on in training.)",
                Axis("loss, nats", float(np.nanmin(both)) / 1.2, float(np.nanmax(both)) * 1.2,
                     "log", LEAST_LOSS),
                {"test": both[0], "training": both[1]},
            ),
            Curves(
                "The test accuracy", "The share of the test images that are recognized.",
                Axis("accuracy", 0, 1), {"test": np.array(numbers["test accuracy"])},
            ),
            _filters(np.array(self._kernels)),
            Grid(
                "Confusion matrix", f"Rows are the true classes, columns the predicted ones: "
                f"{_numbered(dataset.classes)}. Off the diagonal are confusions.",
                Axis("share of the true class", 0, 1, "sqrt"), shares, "predicted class",
                "true class", dataset.classes, strip=True,
            ),
            _gallery(dataset, predicted),
        ]  # fmt: skip
        return Film(self._saved.path.name, "epoch", list(epochs), numbers, panels, notes)


def _filters(kernels: Array) -> Grid:
    """Return the filters of the first convolution: kernels (frames, side, side, 1, filters)."""
    frames, high, wide, _, count = kernels.shape
    shown = min(count, FILTERS)
    across = math.ceil(math.sqrt(shown))
    down = math.ceil(shown / across)
    tiles = np.full((frames, down, high + 1, across, wide + 1), np.nan)
    for place in range(shown):
        tiles[:, place // across, :high, place % across, :wide] = kernels[:, :, :, 0, place]
    whole = tiles.reshape(frames, down * (high + 1), across * (wide + 1))[:, :-1, :-1]
    far = float(np.abs(kernels).max()) or 1.0
    part = f"{shown} of {count}" if shown < count else f"{shown}"
    return Grid(
        "The filters", f"The weights of {part} filters of the first convolution. A "
        "filter that is half blue, half orange finds edges.",
        Axis("weight", -far, far), whole, strip=True,
    )  # fmt: skip


def _gallery(dataset: Dataset, predicted: NDArray[np.int64]) -> Gallery:
    """Return the test images that changed their class most often.

    The untrained network is left out: after it almost every image changes.
    """
    trained = predicted[1:] if len(predicted) > 2 else predicted  # noqa: PLR2004 - one change
    times = np.count_nonzero(trained[1:] != trained[:-1], axis=0)
    order = np.argsort(-times, kind="stable")[:IMAGES]
    chosen = order[times[order] > 0]
    total = np.count_nonzero(times)
    caption = (
        f"{total:,} of {len(times):,} test images changed their class; these {len(chosen)} did it "
        "most often. Below each is what the network sees in it, and what it is."
    )
    return Gallery(
        "Test images that changed their class",
        caption if total else "No test image changed its class.",
        Axis("pixel", 0, 255), dataset.x_test[chosen], dataset.classes,
        dataset.y_test[chosen].astype(np.int64), predicted[:, chosen],
    )  # fmt: skip


def _numbered(names: Sequence[str]) -> str:
    """Return the classes with the numbers that stand beside the matrix, if they have room."""
    if len(names) > NUMBERED:
        return "in the order of their labels"
    return ", ".join(f"{place} {name}" for place, name in enumerate(names))


FILMING = Filming(last_epoch, film)
