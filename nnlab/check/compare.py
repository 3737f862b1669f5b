"""How far a gradient is from a reference, and how far it may be."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from nnlab.check.numeric import DIFFERENCE_STEP
from nnlab.cubic.network import Array

DIFFERENCES, COMPLEX, TENSORFLOW = "central differences", "complex step", "TensorFlow"
LIMITS = {DIFFERENCES: 1e-6, COMPLEX: 1e-10, TENSORFLOW: 1e-10}


@dataclass(frozen=True)
class Block:
    """One block of parameters, compared.

    Attributes:
        name: W1, b1, W2, b2, W3 or b3.
        entries: how many of its parameters were compared.
        errors: relative error against each reference.
        limits: what each error must be below.
        why: what explains a wrong block; empty where nothing does.
    """

    name: str
    entries: int
    errors: dict[str, float]
    limits: dict[str, float]
    why: str = ""

    @property
    def wrong(self) -> bool:
        """Whether an error is not below its limit; one that is no number is not."""
        return not all(self.errors[way] < limit for way, limit in self.limits.items())

    def facts(self) -> dict[str, object]:
        """Return what run.json has of it; JSON has no infinite and no missing number, but null."""
        errors = {name: e if math.isfinite(e) else None for name, e in self.errors.items()}
        return asdict(self) | {"errors": errors, "wrong": self.wrong}


def compare(
    name: str, gradient: Array, references: Mapping[str, Array], loss: float, why: str
) -> Block:
    """Compare one block's gradient with its references, all of one shape.

    A central difference of a loss L is uncertain by eps |L| / h; where a whole block's gradient is
    so small that this is much of it, its limit is higher.
    """
    errors = {way: relative_error(gradient, reference) for way, reference in references.items()}
    limits = {way: LIMITS[way] for way in references}
    rounding = 10 * np.finfo(np.float64).eps * abs(loss) / DIFFERENCE_STEP * gradient.size**0.5
    size = float(np.linalg.norm(references[DIFFERENCES]))
    limits[DIFFERENCES] = max(LIMITS[DIFFERENCES], rounding / size if size else 0)
    return Block(name, gradient.size, errors, limits, why)


def relative_error(gradient: Array, reference: Array) -> float:
    """Return ||g - g_ref|| / ||g_ref||; 0 where both are 0, infinite where g_ref alone is."""
    apart, size = np.linalg.norm(gradient - reference), np.linalg.norm(reference)
    if not size:
        return float("inf") if apart else 0.0
    return float(apart / size)
