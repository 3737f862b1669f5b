"""The base model of configs and saved facts: strict types, no unknown keys; and whole numbers."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

LARGEST_WHOLE = 2**53  # up to here every whole number is exact as a float


class StrictModel(BaseModel):
    """Immutable; refuses unknown keys, NaN, infinity, and a bool in place of a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def whole(value: Any) -> Any:  # noqa: ANN401 - any value of a config
    """Return a float without a fraction as an int, and any other value unchanged.

    Raises:
        ValueError: a whole number above `LARGEST_WHOLE`.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise ValueError(f"should be a whole number of at most {LARGEST_WHOLE:,}")
    return value


Whole = Annotated[int, BeforeValidator(whole)]
"""An int that may also be written as a float without a fraction: `1e5`, `8.0`; not `8.5`."""
