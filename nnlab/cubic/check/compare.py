"""How far a gradient is from a reference, and how far it may be."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from nnlab.cubic.check.numeric import DIFFERENCE_STEP
from nnlab.cubic.network import Array

DIFFERENCES, COMPLEX, TENSORFLOW = "central differences", "complex step", "TensorFlow"
LIMITS = {COMPLEX: 1e-10, TENSORFLOW: 1e-10, DIFFERENCES: 1e-6}  # the most exact one first
EPS = float(np.finfo(np.float64).eps)
UNCLEAR = 1e-3  # a limit that even a wrong gradient may stay below

Verdict = Literal["right", "WRONG", "unclear"]


@dataclass(frozen=True)
class Ground:
    """What the precision of one block's gradient rests on.

    Attributes:
        loss: L.
        largest: the largest |f| or |y| of any sample.
        steep: the gradient if every slope s'(z) and every error f - y were 1, (entries,).
    """

    loss: float
    largest: float
    steep: Array


@dataclass(frozen=True)
class Block:
    """One block of parameters, compared.

    Attributes:
        name: W1, b1, W2, b2, W3 or b3.
        entries: how many of its parameters were compared.
        errors: relative error against each reference.
        limits: what each error must be below.
        size: length of the most exact reference.
        why: what explains a wrong block; empty where nothing does.
    """

    name: str
    entries: int
    errors: dict[str, float]
    limits: dict[str, float]
    size: float
    why: str = ""

    @property
    def failed(self) -> str:
        """The reference that the gradient fails against, the most exact one; empty if none."""
        ways = [way for way in LIMITS if way in self.limits]
        return next((way for way in ways if not self.errors[way] < self.limits[way]), "")

    @property
    def verdict(self) -> Verdict:
        """WRONG where an error is not below its limit; unclear where nothing can be told.

        That is where 0 equals 0, or rounding takes so much of the gradient that its limit is high.
        """
        if self.failed:
            return "WRONG"
        return "right" if self.size and self.limits[COMPLEX] < UNCLEAR else "unclear"

    def facts(self) -> dict[str, object]:
        """Return what run.json has of it; for infinite and missing numbers JSON has null."""
        finite = {
            key: {way: x if math.isfinite(x) else None for way, x in numbers.items()}
            for key, numbers in (("errors", self.errors), ("limits", self.limits))
        }
        size = self.size if math.isfinite(self.size) else None
        return asdict(self) | finite | {"size": size, "verdict": self.verdict}


def compare(
    name: str, gradient: Array, references: Mapping[str, Array], ground: Ground, why: str = ""
) -> Block:
    """Compare one block's gradient with its references, all of shape (entries,).

    Limits are raised by what arithmetic alone may do. f - y is uncertain by eps |f|, and h near 1
    leaves few digits of the slope h (1 - h), so that it is uncertain by eps: `ground.steep` tells
    what both mean for the gradient. A central difference is uncertain by eps L / h, too, and leaves
    out h^2 times a third derivative.
    """
    size, steep = float(np.linalg.norm(references[COMPLEX])), float(np.linalg.norm(ground.steep))
    h = DIFFERENCE_STEP
    noise = 100 * EPS * (1 + ground.largest) * steep
    rounding = 100 * EPS * ground.loss / h * gradient.size**0.5
    truncation = 10 * h**2 * (1 + ground.largest + steep) * steep
    allowed = dict.fromkeys(references, noise) | {DIFFERENCES: noise + rounding + truncation}
    limits = {way: LIMITS[way] + ratio(allowed[way], size) for way in references}
    errors = {way: relative_error(gradient, r, size) for way, r in references.items()}
    return Block(name, gradient.size, errors, limits, size, why)


def relative_error(gradient: Array, reference: Array, size: float = 0.0) -> float:
    """Return ||g - g_ref|| / ||g_ref||.

    Where g_ref is 0, `size` stands for its length; where that is 0, too, the error of a gradient
    that is 0 is 0, of any other infinite.
    """
    apart = float(np.linalg.norm(gradient - reference))
    return ratio(apart, float(np.linalg.norm(reference)) or size)


def ratio(part: float, whole: float) -> float:
    """Return part / whole, of nothing infinite if there is a part."""
    return part / whole if whole else (math.inf if part else 0.0)
