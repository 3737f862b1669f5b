"""What the studies found when they were last run for this version: the numbers of `nnlab explain`.

`make study` writes answers.json from finished studies. Nobody types a number into it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).with_name("answers.json")


class Topic(NamedTuple):
    """A question of the course.

    Attributes:
        question: the question.
        means: what the word means: a definition, which no measurement could contradict.
        studies: the studies that answer it, by name.
    """

    question: str
    means: str
    studies: tuple[str, ...]


TOPICS = {
    "batch-size": Topic(
        "What is the batch size, and what does it do?",
        "The batch size is the number of training samples whose gradients are averaged for one "
        "step. One epoch of n samples in batches of b has n / b steps.",
        ("batch-size", "noise-scale"),
    ),
    "epoch": Topic(
        "What is an epoch, and how many are enough?",
        "An epoch is one pass over the training set: each sample is used once. Most networks are "
        "trained for several epochs.",
        ("epochs",),
    ),
    "shuffle": Topic(
        "What does shuffling do, and when is it needed?",
        "To shuffle is to put the training samples into a random order, usually a new one before "
        "each epoch. Without it, each epoch visits them in the order in which they are stored.",
        ("shuffle",),
    ),
}


def answers() -> dict[str, Mapping[str, Any]]:
    """Return what each study found: name -> the content that `tools/study_docs.py` wrote."""
    found: dict[str, Mapping[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))
    return found
