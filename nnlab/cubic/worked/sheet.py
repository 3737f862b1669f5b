"""A sheet of lines: each result is rounded as it is written, and later lines use what is written.

So each line can be computed again by hand, from the numbers in it.
"""

import re
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import numpy as np

from nnlab.cubic.network import Array, Parameters
from nnlab.cubic.worked.decimals import Written, plain, rounded
from nnlab.text import entry

NOTHING = Decimal("1e-12")  # results that differ by less are equal: sums may cancel to zero


class Line(NamedTuple):
    """`name = expression = result`.

    Attributes:
        name: of the result.
        symbols: the expression with names.
        numbers: the expression with numbers.
        result: its value, rounded.
    """

    name: str
    symbols: str
    numbers: str
    result: str


class Section(NamedTuple):
    """The lines of one equation.

    Attributes:
        part: the part of the step that it belongs to.
        equation: the equation of all of its lines.
        lines: one for each entry.
    """

    part: str
    equation: str
    lines: list[Line]


class Sheet:
    """Lines, and the values of everything that has a name on them.

    Args:
        digits: significant digits of every number.

    Attributes:
        digits: as given.
        values: name -> value; `W2[2,1]` is in the second row of W2, `h1[2](3)` of sample 3.
        given: the names of what the step begins with.
        sections: what is written.
    """

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.values: dict[str, Written] = {}
        self.given: list[str] = []
        self.sections: list[Section] = []

    def __getitem__(self, name: str) -> Written:
        """Return the quantity of this name."""
        return self.values[name]

    def give(self, name: str, value: float) -> None:
        """Note a quantity that the step begins with, rounded."""
        self.given.append(name)
        shortest = Decimal(repr(value))  # 0.1, where the exact value of the float is longer
        self.values[name] = Written.named(name, rounded(shortest, self.digits))

    def section(self, part: str, equation: str) -> None:
        """Begin a section."""
        self.sections.append(Section(part, equation, []))

    def line(self, name: str, expression: Written, digits: int = 0) -> None:
        """Write a line; its result has so many significant digits, or those of the sheet."""
        value = rounded(expression.value, digits or self.digits)
        self.values[name] = Written.named(name, value)
        line = Line(name, expression.symbols, expression.numbers, plain(value))
        self.sections[-1].lines.append(line)

    def slope(self, h: str) -> Written:
        """Return s'(z) = h (1 - h) of an activation h."""
        return self[h] * (Written.number("1") - self[h])


def names(parameters: Parameters) -> dict[str, list[str]]:
    """Return the names of the entries of each block, counted from 1: W1[1], W2[1,2], b3."""
    return {
        block: [label(block, place, array) for place in np.ndindex(array.shape)]
        for block, array in parameters.items()
    }


def label(block: str, place: tuple[int, ...], array: Array) -> str:
    """Return the name of an entry; an axis of length 1 that the block always has is left out."""
    if block == "b3":
        return block
    kept = place if block == "W2" else place[:1] if array.ndim == 1 or block == "W1" else place[1:]
    return entry(block, kept)


def givens(sheet: Sheet) -> list[list[tuple[str, str]]]:
    """Return what a sheet begins with, a line for each block; W2 has one for each row."""
    rows = groupby(sheet.given, lambda name: re.split(r",|\[\d+\]|\(", name)[0])
    return [[(name, plain(sheet[name].value)) for name in row] for _, row in rows]


def agree(sheet: Sheet, exact: Sheet, relative: Decimal) -> bool:
    """Return whether all results of two sheets of one step are equal up to a relative error."""
    return all(
        abs(sheet[name].value - value.value) <= relative * abs(value.value) + NOTHING
        for name, value in exact.values.items()
    )


def confirms(sheet: Sheet, after: Parameters, digits: int) -> bool:
    """Return whether the new parameters on a sheet are `after`, rounded to so many digits."""
    return all(
        sheet[f"new_{name}"].value == rounded(Decimal(float(value)), digits)
        for block, entries in names(after).items()
        for name, value in zip(entries, after[block].ravel(), strict=True)
        if f"new_{name}" in sheet.values
    )
