"""One step of a whole network: shape, norm and first entries of each block."""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Backpropagation, Parameters
from nnlab.cubic.worked.kinds import DIAGONAL, WRONG_UNIT
from nnlab.reports.parts import Table

FIRST = 3  # entries in a row
DIGITS = 6


def summary(
    network: Backpropagation, after: Parameters, x: Array, y: Array, kind: GradientKind
) -> list[Table]:
    """Return the tables of a step.

    Args:
        network: before the step, after its backward pass.
        after: its parameters after the step.
        x: the samples of the batch, (batch, 1).
        y: their targets, (batch, 1).
        kind: the kind of gradient.
    """
    many = len(x) > 1
    loss = np.mean(network.error.astype(np.float64) ** 2, axis=0)
    forward = {
        "x": ("the batch" if many else "the sample", x),
        "h1": ("s(W1 x + b1)", network.h1),
        "h2": ("s(W2 h1 + b2)", network.h2),
        "f": ("W3 h2 + b3", network.f),
        "y": ("x^3", y),
        "e": ("f - y", network.error),
        "L": ("mean of e^2" if many else "e^2", loss),
    }
    layer_1 = "W2[i,i] d2[i] h1[i] (1 - h1[i])" if kind in DIAGONAL else "(W2^T d2) h1 (1 - h1)"
    backward = {
        "d3": ("2 e / batch" if many else "2 e", network.d3),
        "d2": ("(W3^T d3) h2 (1 - h2)", network.d2),
        "d1": (layer_1, network.d1),
    }
    over = "sum of " * many
    weight_2 = "W3[i] d3 h2[j] (1 - h2[j]) h1[j]" if kind in WRONG_UNIT else "d2 h1^T"
    formulas = {
        "W3": "d3 h2^T", "b3": "d3", "W2": weight_2, "b2": "d2", "W1": "d1 x^T", "b1": "d1",
    }  # fmt: skip
    followed = {f"d{n}": (over + formula, network.gradients[n]) for n, formula in formulas.items()}
    new = {f"new_{n}": (f"{n} - lr * d{n}", array) for n, array in after.items()}
    parts: dict[str, dict[str, tuple[str, Array]]] = {
        "Weights, in summary": {name: ("", array) for name, array in network.parameters.items()},
        "Forward pass, in summary": forward,
        "Backward pass, in summary": backward,
        "Gradients, in summary": followed,
        "New weights, in summary": new,
    }
    return [_table(title, rows) for title, rows in parts.items()]


def _table(title: str, blocks: dict[str, tuple[str, Array]]) -> Table:
    header = ["name", "equation", "shape", "norm", "first entries"]
    rows = [[name, formula, *_told(array)] for name, (formula, array) in blocks.items()]
    if not any(formula for formula, _ in blocks.values()):
        for row in [header, *rows]:
            del row[1]
    return Table(title, header, rows, right=("norm",))


def _told(array: Array) -> Iterator[str]:
    """Yield shape, norm (the root of the sum of the squares) and first entries."""
    values = np.ravel(array).astype(np.float64)
    yield " x ".join(map(str, np.shape(array))) or "1"
    yield f"{np.linalg.norm(values):.{DIGITS}g}"
    yield _entries(values, prod(np.shape(array)))


def _entries(values: Sequence[float] | Array, count: int) -> str:
    first = ", ".join(f"{value:.{DIGITS}g}" for value in values[:FIRST])
    return f"{first}, ..." if count > FIRST else first
