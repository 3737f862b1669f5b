"""Decimal numbers as people write them, and expressions that know their symbols and numbers.

An expression is written twice, `W1[1] * x + b1[1]` and `0.41 * 1.3 + (-0.2)`, and has one value.
So a text and what it says cannot differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from functools import reduce
from operator import add
from typing import Self

EXACTLY = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Computes values before they are rounded; exp(-z) of a saturated unit has a huge exponent."""

SUM, PRODUCT, ATOM = range(3)
SMALLEST, LARGEST = -5, 15  # powers of ten that are written without an exponent


def rounded(value: Decimal, digits: int) -> Decimal:
    """Return `value` with so many significant digits; a half is rounded away from zero."""
    to = Context(prec=digits, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return to.plus(value)


def plain(value: Decimal) -> str:
    """Return a number as text: 0.00125, 1.25e-9."""
    if not value:
        return "0"
    if SMALLEST <= value.adjusted() < LARGEST:
        return f"{value:f}"
    return f"{value:e}".replace("e+", "e")


@dataclass(frozen=True)
class Written:
    """An expression.

    Attributes:
        symbols: with the names of the quantities.
        numbers: with their values.
        value: its value, computed in the context EXACTLY.
        kind: SUM, PRODUCT or ATOM; says where parentheses are needed.
    """

    symbols: str
    numbers: str
    value: Decimal
    kind: int = ATOM

    @classmethod
    def named(cls, name: str, value: Decimal) -> Self:
        """Return a quantity."""
        return cls(name, plain(value), value)

    @classmethod
    def number(cls, text: str) -> Self:
        """Return a number that is written as such in both."""
        return cls(text, text, Decimal(text))

    def __add__(self, other: Self) -> Self:
        """Return the sum; a sign of the second term joins them."""
        second = other.numbers
        joined = f"- {second[1:]}" if second.startswith("-") else f"+ {second}"
        return type(self)(
            f"{self.symbols} + {other.symbols}",
            f"{self.numbers} {joined}",
            self.value + other.value,
            SUM,
        )

    def __sub__(self, other: Self) -> Self:
        """Return the difference."""
        (s, n), value = other._held(PRODUCT), self.value - other.value
        return type(self)(f"{self.symbols} - {s}", f"{self.numbers} - {n}", value, SUM)

    def __mul__(self, other: Self) -> Self:
        """Return the product."""
        left = (self.symbols, self.numbers) if self.kind > SUM else self._held(PRODUCT)
        (s, n), value = other._held(PRODUCT), self.value * other.value
        return type(self)(f"{left[0]} * {s}", f"{left[1]} * {n}", value, PRODUCT)

    def __truediv__(self, other: Self) -> Self:
        """Return the quotient."""
        left = (self.symbols, self.numbers) if self.kind > SUM else self._held(PRODUCT)
        (s, n), value = other._held(ATOM), self.value / other.value
        return type(self)(f"{left[0]} / {s}", f"{left[1]} / {n}", value, PRODUCT)

    def power(self, exponent: int) -> Self:
        """Return the power."""
        s, n = self._held(ATOM)
        return type(self)(f"{s}^{exponent}", f"{n}^{exponent}", self.value**exponent)

    def logistic(self) -> Self:
        """Return 1 / (1 + exp(-z)) for the quantity z."""
        opposite = self.numbers[1:] if self.numbers.startswith("-") else f"-{self.numbers}"
        return type(self)(
            f"1 / (1 + exp(-{self.symbols}))",
            f"1 / (1 + exp({opposite}))",
            1 / (1 + (-self.value).exp()),
            PRODUCT,
        )

    def _held(self, kind: int) -> tuple[str, str]:
        """Return symbols and numbers, in parentheses if it is looser than `kind` or negative."""
        loose = self.kind < kind
        return (
            f"({self.symbols})" if loose else self.symbols,
            f"({self.numbers})" if loose or self.numbers.startswith("-") else self.numbers,
        )


def total(terms: Iterable[Written]) -> Written:
    """Return the sum of the terms."""
    return reduce(add, terms)
