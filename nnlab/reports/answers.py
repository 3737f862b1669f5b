"""What `nnlab predict` asks of an experiment, and what the experiment answers, row by row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class Asked:
    """The input of `nnlab predict`.

    Attributes:
        inputs: numbers or files, as they were typed.
        index: which images of the test set, as it was typed.
        invert: whether to invert the images; None: as each one needs.
        plot: the picture to write, if one is asked for.
        note: shows one line of text at once, on stderr.
    """

    inputs: Sequence[str]
    note: Callable[[str], None]
    index: str | None = None
    invert: bool | None = None
    plot: Path | None = None

    @property
    def image_flag(self) -> str:
        """The first flag given that is for images only; "" if none is."""
        given = {
            "--index": self.index is not None,
            "--plot": self.plot is not None,
            "--invert": self.invert is True,
            "--no-invert": self.invert is False,
        }
        return next((flag for flag, is_given in given.items() if is_given), "")


class Column(NamedTuple):
    """A column of the table of answers; its width in characters."""

    title: str
    width: int
    right: bool = False


class Answer(NamedTuple):
    """The answer to one input.

    Attributes:
        cells: one text a column; none if there is no answer.
        fields: the same in full, for JSON.
    """

    cells: Sequence[str]
    fields: dict[str, object]


@dataclass(frozen=True)
class Answers:
    """All answers, computed one after the other while they are read.

    Reading raises UsageError or DataError where an input cannot be used.
    """

    columns: Sequence[Column]
    rows: Iterator[Answer] = field(repr=False)
