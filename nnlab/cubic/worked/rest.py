"""The samples of a large batch that are not written out: their parts of each sum are given."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from nnlab.cubic.config import GradientKind
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Parameters
from nnlab.cubic.worked.decimals import Written, total
from nnlab.cubic.worked.sheet import Sheet, names


class Rest(NamedTuple):
    """What the other samples of a batch add to its sums.

    Attributes:
        samples: how many they are.
        sums: `rest_L`, of their e^2, and `rest_dW2[1,2]`, their part of each gradient.
    """

    samples: int = 0
    sums: Mapping[str, float] = MappingProxyType({})


NO_REST = Rest()


def rest_of(parameters: Parameters, x: Array, y: Array, kind: GradientKind) -> Rest:
    """Return what all samples of a batch but the first add.

    Args:
        parameters: before the step.
        x: the samples of the whole batch, (batch, 1).
        y: their targets, (batch, 1).
        kind: the kind of gradient.
    """
    others = len(x) - 1
    network = NETWORKS[kind]({name: p.copy() for name, p in parameters.items()}, others)
    network.forward(x[1:])
    slopes, share = network.backward(x[1:], y[1:]), others / len(x)  # the deltas are of a mean
    sums = {"rest_L": float(np.sum(network.error.astype(np.float64) ** 2))}
    for block, entries in names(parameters).items():
        for name, slope in zip(entries, slopes[block].ravel(), strict=True):
            sums[f"rest_d{name}"] = float(slope) * share
    return Rest(others, sums)


def with_rest(sheet: Sheet, name: str, terms: Iterable[Written]) -> Written:
    """Return the sum of the terms, and of what the other samples add to it."""
    rest = f"rest_{name}"
    return total([*terms, *([sheet[rest]] if rest in sheet.values else [])])
