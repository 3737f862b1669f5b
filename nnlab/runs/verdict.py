"""The result of a training, in one plain line."""

from collections.abc import Sequence
from typing import NamedTuple

STEPS_TOO_LARGE = "the learning rate is too large"
"""The words of a verdict by which `nnlab show` knows that the next run needs a smaller one."""


class Verdict(NamedTuple):
    """Whether a network learned, and the line that says so.

    Attributes:
        learned: whether it did; False if it learned only in part.
        line: the result in words.
    """

    learned: bool
    line: str


def because(said: str, reasons: Sequence[str]) -> str:
    """Return `said` with its reasons, if any are known."""
    return f"{said}, because {' and '.join(reasons)}" if reasons else said
