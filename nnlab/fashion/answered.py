"""The answer to one image, as a row of a table and as JSON."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.reports.answers import Answer, Column

TOP = 3  # classes in an answer
WIDEST = 20  # characters of a class name in the table


class Seen(NamedTuple):
    """An image as the network sees it.

    Attributes:
        name: what it is called in the table.
        pixels: (side, side).
        fields: what is known before the prediction, for JSON.
        label: its true class; "" if that is not known.
    """

    name: str
    pixels: NDArray[np.uint8]
    fields: dict[str, object]
    label: str = ""


class Unread(NamedTuple):
    """The name of a file that cannot be used, and why."""

    name: str
    why: str


class Guess(NamedTuple):
    """A class, and its probability."""

    name: str
    probability: float


def columns(names: Sequence[str], classes: Sequence[str], *, tested: bool) -> list[Column]:
    """Return the columns of the table: of images of the test set, or of files with these names."""
    wide = min(WIDEST, max(map(len, classes)))
    guesses = [Column(title, wide + 5, right=True) for title in ("most likely", "second", "third")]
    guesses = guesses[: min(TOP, len(classes))]
    widest = max(map(len, names))
    if tested:
        return [
            Column("index", max(5, widest), right=True), Column("true", wide), *guesses,
            Column("", 5),
        ]  # fmt: skip
    return [Column("image", max(8, widest)), *guesses, Column("", 8)]


def answer(image: Seen, guesses: Sequence[Guess]) -> Answer:
    """Return the answer to an image, with its most likely classes, the best first."""
    cells = [f"{guess.name} {guess.probability:.2f}" for guess in guesses]
    fields = image.fields | {
        "classes": [{"class": guess.name, "probability": guess.probability} for guess in guesses]
    }
    if image.label:
        right = image.label == guesses[0].name
        return Answer([image.name, image.label, *cells, "" if right else "wrong"], fields)
    return Answer([image.name, *cells, "inverted" * bool(fields["inverted"])], fields)
