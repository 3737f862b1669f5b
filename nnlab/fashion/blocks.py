"""Convolution blocks as a config names them: a number of filters, or a mapping that says more."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_serializer, model_validator

from nnlab.config.strict import StrictModel, Whole, whole

IMAGE_SIDE = 28  # pixels
MOST_BLOCKS = 24
MOST_DROPOUT = 0.99  # of what a layer knows, a hundredth must come through
LEAST_DROPOUT = 2**-16  # `layers.BitDropout` has 16 random bits


def _in_sixteen_bits(rate: float) -> float:
    """Return a dropout rate; raise ValueError for one that would drop nothing and is not 0."""
    if 0 < rate < LEAST_DROPOUT:
        raise ValueError(f"should be 0, or from {LEAST_DROPOUT:.3g}, the smallest that drops")
    return rate


DropoutRate = Annotated[float, Field(ge=0, le=MOST_DROPOUT), AfterValidator(_in_sixteen_bits)]


class Block(StrictModel):
    """Convolution -> max-pooling -> dropout; `64` is short for `{filters: 64}`.

    Attributes:
        filters: of the convolution.
        kernel: side of its kernels, in pixels; None: the config's `kernel_size`.
        pool: side of what is pooled into one pixel; 1: no pooling.
        dropout: after the pooling; None: the config's `conv_dropout`.
    """

    filters: Whole = Field(ge=1, le=4096)
    kernel: Whole | None = Field(None, ge=1, le=IMAGE_SIDE)
    pool: Whole = Field(2, ge=1, le=IMAGE_SIDE)
    dropout: DropoutRate | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        """Take a bare number for the number of filters."""
        if isinstance(value, dict | cls):
            return value
        number = whole(value)
        if isinstance(number, int) and not isinstance(number, bool):
            return {"filters": number}
        raise ValueError("should be a number of filters, or {filters: N, kernel, pool, dropout}")

    @model_serializer
    def _to_number(self) -> int | dict[str, int | float]:
        """Write it as short as it can be said."""
        said = {
            key: getattr(self, key)
            for key, field in type(self).model_fields.items()
            if key == "filters" or getattr(self, key) != field.default
        }
        return said if len(said) > 1 else self.filters

    def __str__(self) -> str:
        return str(self._to_number())


def refuse_empty_images(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return `blocks`; raise ValueError where one pools what is smaller than its pool."""
    side = IMAGE_SIDE
    for number, block in enumerate(blocks):
        if block.pool > side:
            raise ValueError(
                f"leaves no pixel: [{number}] pools {block.pool} x {block.pool} pixels into one, "
                f"and {side} x {side} are left; give that block pool: 1, or leave it out"
            )
        side //= block.pool
    return blocks
