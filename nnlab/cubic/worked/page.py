"""What is asked of a step, and what is told: plain data, no markup."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from nnlab.cubic.worked.sheet import Section
from nnlab.reports.parts import Table


class Asked(NamedTuple):
    """What is asked of a step.

    Attributes:
        step: steps taken before it.
        units: units of a small network in place of the run's; None for the run's own.
        student: whose exercise it is; "" for no exercise.
        told: called with the number of steps computed, several times a second.
    """

    step: int
    units: int | None = None
    student: str = ""
    told: Callable[[int], object] = lambda _: None


class Page(NamedTuple):
    """A step, as `nnlab explain` prints it.

    Attributes:
        title: one line.
        notes: paragraphs.
        reading: how to read the lines; "" for no paragraph.
        given: what the step starts from: lines of (name, value).
        sections: every line of the step; none in a summary.
        tables: the parts of a summary.
    """

    title: str
    notes: Sequence[str]
    reading: str = ""
    given: Sequence[Sequence[tuple[str, str]]] = ()
    sections: Sequence[Section] = ()
    tables: Sequence[Table] = ()
