"""The relative error of a gradient against its references, and the limit of that error."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from nnlab.cubic.check.numeric import DIFFERENCE_STEP
from nnlab.cubic.network import Array

DIFFERENCES, COMPLEX, TENSORFLOW = "central differences", "complex step", "TensorFlow"
LIMITS = {COMPLEX: 1e-10, TENSORFLOW: 1e-10, DIFFERENCES: 1e-6}  # the most exact reference first
EPS = float(np.finfo(np.float64).eps)
UNCLEAR = 1e-3  # a limit this high or higher could let a wrong gradient pass

Verdict = Literal["right", "WRONG", "unclear"]


@dataclass(frozen=True)
class Magnitudes:
    """The numbers that determine how large rounding errors in one block's gradient can be.

    Attributes:
        loss: L.
        largest: the largest |f| or |y| of any sample.
        sensitivity: the block of `plain.sensitivity`, (entries,).
    """

    loss: float
    largest: float
    sensitivity: Array


@dataclass(frozen=True)
class Block:
    """The result for one block of parameters.

    Attributes:
        name: W1, b1, W2, b2, W3 or b3.
        entries: number of parameters that were compared.
        errors: relative error against each reference.
        limits: each error must be below its limit.
        size: norm of the complex-step derivatives, the most exact reference.
        why: explanation of a wrong block; empty if there is none.
    """

    name: str
    entries: int
    errors: dict[str, float]
    limits: dict[str, float]
    size: float
    why: str = ""

    @property
    def failed(self) -> str:
        """The most exact reference whose limit the error exceeds; empty if there is none."""
        methods = [method for method in LIMITS if method in self.limits]
        return next((m for m in methods if not self.errors[m] < self.limits[m]), "")

    @property
    def verdict(self) -> Verdict:
        """`WRONG` if an error is not below its limit; `unclear` if the check could not find one.

        The check is unclear if the gradient is 0, or so small compared with its rounding errors
        that the limit is too high.
        """
        if self.failed:
            return "WRONG"
        return "right" if self.size and self.limits[COMPLEX] < UNCLEAR else "unclear"

    def to_json(self) -> dict[str, object]:
        """Return the entry in run.json; inf and nan become null, since JSON has neither."""
        finite = {
            key: {method: x if math.isfinite(x) else None for method, x in numbers.items()}
            for key, numbers in (("errors", self.errors), ("limits", self.limits))
        }
        size = self.size if math.isfinite(self.size) else None
        return asdict(self) | finite | {"size": size, "verdict": self.verdict}


def compare(
    name: str,
    gradient: Array,
    references: Mapping[str, Array],
    magnitudes: Magnitudes,
    why: str = "",
) -> Block:
    """Compare one block of a gradient with its references, all of shape (entries,).

    Each limit is raised by the error that floating-point arithmetic can cause:

    - f - y has a rounding error of about eps |f|. The slope h (1 - h) has one of about eps, because
      1 - h loses digits where h is near 1. `magnitudes.sensitivity` turns both into an error of
      the gradient.
    - A central difference also has a rounding error of about eps L / h, and a truncation error of
      about h^2 times the third derivative of L.
    """
    size = float(np.linalg.norm(references[COMPLEX]))
    sensitivity = float(np.linalg.norm(magnitudes.sensitivity))
    h = DIFFERENCE_STEP
    noise = 100 * EPS * (1 + magnitudes.largest) * sensitivity
    rounding = 100 * EPS * magnitudes.loss / h * gradient.size**0.5
    truncation = 10 * h**2 * (1 + magnitudes.largest + sensitivity) * sensitivity
    allowed = dict.fromkeys(references, noise) | {DIFFERENCES: noise + rounding + truncation}
    limits = {method: LIMITS[method] + ratio(allowed[method], size) for method in references}
    errors = {method: relative_error(gradient, r, size) for method, r in references.items()}
    return Block(name, gradient.size, errors, limits, size, why)


def relative_error(gradient: Array, reference: Array, size: float = 0.0) -> float:
    """Return ||g - g_ref|| / ||g_ref||.

    If g_ref is 0, divide by `size` instead. If `size` is 0 too, the error is 0 for g = 0 and
    infinite for any other g.
    """
    difference = float(np.linalg.norm(gradient - reference))
    return ratio(difference, float(np.linalg.norm(reference)) or size)


def ratio(part: float, whole: float) -> float:
    """Return part / whole; 0 / 0 is 0, and any other part / 0 is infinite."""
    return part / whole if whole else (math.inf if part else 0.0)
