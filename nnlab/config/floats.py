"""Whether a number that a config holds is the same kind of number in the type that computes."""

import struct
from typing import Literal

FloatType = Literal["float32", "float64"]

_CODES = {"float32": "f", "float64": "d"}
_SMALLEST = {
    "float32": 2.0**-126,
    "float64": 2.0**-1022,
}  # of full accuracy; TensorFlow has 0 below
_LARGEST = 2 * 2.0**127 - 2.0**104  # of float32; what is more than float64 can hold is no number
_BELOW_ONE = {"float32": 1 - 2.0**-24, "float64": 1 - 2.0**-53}


def fault(value: float, kind: FloatType, *, below_one: bool) -> str | None:
    """Return what is wrong with `value` in the type `kind`, with the limit that works, or None.

    Args:
        value: what a config holds, a finite number.
        kind: the type that computes with it.
        below_one: whether it must be less than 1.
    """
    if 0 < abs(value) < _SMALLEST[kind]:
        return f"is too small for {kind}; the smallest that works is {_SMALLEST[kind]:.3g}"
    if kind == "float32" and abs(value) > _LARGEST:
        return f"is too large for {kind}; the largest that works is {_LARGEST:.2g}"
    if below_one and rounded(value, kind) >= 1:
        return f"is 1 in {kind}; the largest that works is {_BELOW_ONE[kind]:.7g}"
    return None


def rounded(value: float, kind: FloatType) -> float:
    """Return the number of type `kind` that is nearest to `value`.

    Raises:
        OverflowError: none is near.
    """
    (nearest,) = struct.unpack(_CODES[kind], struct.pack(_CODES[kind], value))
    return float(nearest)
