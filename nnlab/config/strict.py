"""What every checked mapping of a config shares: strict types, no unknown keys, whole numbers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

LARGEST_WHOLE = 2**53  # up to here every whole number is a float, too, and so means what it says


class StrictModel(BaseModel):
    """Immutable, no unknown keys, no NaN; a bool is not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def whole(value: Any) -> Any:  # noqa: ANN401 - what a config may hold
    """Return a float without a fraction as an int, and everything else as it is.

    Raises:
        ValueError: a whole number above `LARGEST_WHOLE`.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise ValueError(f"should be a whole number of at most {LARGEST_WHOLE:,}")
    return value


Whole = Annotated[int, BeforeValidator(whole)]
"""A whole number as other tools write it, too: `1e5` and `8.0`, but not `8.5`."""
