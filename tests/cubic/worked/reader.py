"""A reader of printed steps that shares no code with nnlab: it computes in Python's decimal."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?!\w)")
NAME = re.compile(r"[A-Za-z][\w]*(?:\[[\d,]+\])?(?:\(\d+\))?")
LINE = re.compile(r"^\s*(\S+) = ((?:[^=,]|,\d)+) = (-?[\d.]+(?:e-?\d+)?|_+)$")
GIVEN = re.compile(rf"({NAME.pattern}) = (-?\d[\d.e-]*)(?=,|$)")
OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


class Printed(NamedTuple):
    """A line `name = expression = result`; the result of a blank is None."""

    name: str
    expression: str
    result: Decimal | None


def lines(text: str) -> Iterator[Printed]:
    """Yield the lines of a printed step, in text or Markdown."""
    for row in text.splitlines():
        if found := LINE.match(row):
            blank = found[3].startswith("_")
            yield Printed(found[1], found[2], None if blank else Decimal(found[3]))


def given(text: str) -> dict[str, Decimal]:
    """Return what the step starts from."""
    rows = [row for row in text.splitlines() if not LINE.match(row)]
    found = [pair for row in rows if "`" not in row for pair in GIVEN.findall(row)]
    return {name: Decimal(value) for name, value in found}


def computed(expression: str, values: Mapping[str, Decimal] | None = None) -> Decimal:
    """Return the value of an expression, whose names have these values."""
    if values is not None:
        expression = NAME.sub(lambda m: _value(m[0], values), expression)
    quoted = NUMBER.sub(lambda m: f"'{m[0]}'", expression.replace("^", "**"))
    with localcontext(prec=60):
        return _walk(ast.parse(quoted, mode="eval").body)


def rounded(value: Decimal, digits: int) -> Decimal:
    """Return the value with so many significant digits."""
    return Context(prec=digits, rounding=ROUND_HALF_UP).plus(value)


def _value(name: str, values: Mapping[str, Decimal]) -> str:
    return "exp" if name == "exp" else f"({values[name]:e})".replace("e+", "e")


def _walk(node: ast.expr) -> Decimal:
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_walk(node.left), _walk(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_walk(node.operand)
    if isinstance(node, ast.Call):
        return _walk(node.args[0]).exp()
    assert isinstance(node, ast.Constant), ast.dump(node)
    return Decimal(str(node.value))
