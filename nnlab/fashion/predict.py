"""`nnlab predict` for a run of `nnlab fashion`: the most likely classes of images."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.special
from numpy.typing import NDArray

from nnlab import files
from nnlab.errors import DataError, UsageError
from nnlab.fashion.answered import TOP, Guess, Seen, Unread, answer, columns
from nnlab.fashion.asked_images import of_file, of_test_set, wanted
from nnlab.fashion.recorded import recorded
from nnlab.fashion.restored import Restored, restored
from nnlab.outputs import output_path
from nnlab.reports.answers import Answer, Answers, Asked
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import require_weights
from nnlab.text import printable

BATCH = 64  # images; a larger batch is hardly faster, and its first answer comes later
MOST_DRAWN = 24  # images in a picture


def predict(saved: SavedRun, asked: Asked) -> Answers:
    """Predict the classes of image files, or of images of the test set.

    Reading the answers raises DataError at the end if some files could not be read.

    Raises:
        UsageError: an input is not an image file, or an index is outside the test set; as
            `restored`, or as `output_path`.
        DataError: as `restored`, or the test set is not that of the run.
    """
    paths, which = wanted(saved, asked)
    if asked.plot:
        _check_plot(asked.plot, paths)
    require_weights(saved)
    images: Iterator[Seen | Unread]
    if which is None:
        names = [str(path) for path in paths]
        side = recorded(saved).side
        images = (of_file(path, side, asked.invert) for path in paths)
    else:
        indices, images = of_test_set(saved, which, asked)
        names = [str(index) for index in indices]
    asked.note("loading TensorFlow ...")
    network = restored(saved)
    if network.note:
        asked.note(network.note)
    table = columns(names, network.classes, tested=which is not None)
    answers = _answers(_guessed(images, network), network.classes, len(names), asked)
    return Answers(table, answers)


def _check_plot(path: Path, inputs: Sequence[Path]) -> None:
    """Refuse a picture that could not be written, before anything is computed."""
    if path.suffix.lower() != ".png":
        raise UsageError(f"--plot {printable(path)}: give it a name that ends in .png")
    output_path(path, "--plot", "seen.png", inputs=inputs)


def _guessed(
    images: Iterator[Seen | Unread], network: Restored
) -> Iterator[tuple[Seen, list[Guess]] | Unread]:
    """Yield each image with its most likely classes; only one batch of images is in memory."""
    while batch := list(islice(images, BATCH)):
        seen = [image.pixels for image in batch if isinstance(image, Seen)]
        guesses = iter(guess(network, np.stack(seen)) if seen else [])
        for image in batch:
            yield (image, next(guesses)) if isinstance(image, Seen) else image


def guess(network: Restored, images: NDArray[np.uint8]) -> list[list[Guess]]:
    """Return the most likely classes of each of the `images` (n, side, side), the best first."""
    logits = network.network.predict_on_batch(np.float32(images[..., None]) / np.float32(255))
    shares = scipy.special.softmax(np.asarray(logits, float), axis=1)  # (n, classes)
    best = np.argsort(-shares, axis=1, kind="stable")[:, :TOP]  # (n, TOP)
    return [
        [Guess(network.classes[label], float(row[label])) for label in labels]
        for row, labels in zip(shares, best, strict=True)
    ]


def _answers(
    guessed: Iterator[tuple[Seen, list[Guess]] | Unread],
    classes: Sequence[str],
    count: int,
    asked: Asked,
) -> Iterator[Answer]:
    """Yield the answers; then draw the picture, and say how many images were right or unread."""
    drawn: list[tuple[Seen, list[Guess]]] = []
    unread = right = tested = 0
    for each in guessed:
        if isinstance(each, Unread):
            if count == 1:
                raise DataError(each.why)
            unread += 1
            asked.note(each.why)
            yield Answer((), {"image": each.name, "error": each.why})
            continue
        image, guesses = each
        tested += bool(image.label)
        right += image.label == guesses[0].name
        if asked.plot and len(drawn) < MOST_DRAWN:
            drawn.append((image, guesses))
        yield answer(image, guesses)
    if tested:
        asked.note(f"{right:,} of {tested:,} are right")
    if asked.plot and drawn:
        from nnlab.fashion.answered_figure import figure  # loads Matplotlib
        from nnlab.plots import write_png

        with files.replacing(asked.plot) as file:
            write_png(figure(drawn, classes), file)
        fewer = f" (the first {len(drawn)} images)" * (len(drawn) < count - unread)
        asked.note(f"wrote {printable(asked.plot)}{fewer}")
    if unread:
        raise DataError(f"{unread:,} of {count:,} images could not be used")
