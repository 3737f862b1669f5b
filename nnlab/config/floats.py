"""Check that a config's number is usable in the type of the computation.

Rounding to float32 can turn a small number into 0, a large one into infinity, and one just below 1
into 1.
"""

import struct
from typing import Literal

FloatType = Literal["float32", "float64"]

_CODES = {"float32": "f", "float64": "d"}
# The smallest numbers with full precision; TensorFlow treats smaller ones as 0.
_SMALLEST = {"float32": 2.0**-126, "float64": 2.0**-1022}
# The largest float32. A config cannot hold more than the largest float64: that reads as infinity.
_LARGEST = 2 * 2.0**127 - 2.0**104
_BELOW_ONE = {"float32": 1 - 2.0**-24, "float64": 1 - 2.0**-53}


def fault(value: float, kind: FloatType, *, below_one: bool) -> str | None:
    """Return what is wrong with `value` in the type `kind`, and the limit; None if it is usable.

    Args:
        value: a finite number from a config.
        kind: the type of the computation.
        below_one: whether the number must be less than 1.
    """
    if 0 < abs(value) < _SMALLEST[kind]:
        return f"is too small for {kind}; the smallest that works is {_SMALLEST[kind]:.3g}"
    if kind == "float32" and abs(value) > _LARGEST:
        return f"is too large for {kind}; the largest that works is {_LARGEST:.2g}"
    if below_one and rounded(value, kind) >= 1:
        return f"is 1 in {kind}; the largest that works is {_BELOW_ONE[kind]:.7g}"
    return None


def rounded(value: float, kind: FloatType) -> float:
    """Return `value` rounded to the type `kind`.

    Raises:
        OverflowError: `value` is too large for the type.
    """
    (nearest,) = struct.unpack(_CODES[kind], struct.pack(_CODES[kind], value))
    return float(nearest)
