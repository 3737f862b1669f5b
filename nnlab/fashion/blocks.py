"""Convolution blocks in a config: a number of filters, or a mapping with more settings."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_serializer, model_validator

from nnlab.config.strict import StrictModel, Whole, whole

IMAGE_SIDE = 28  # pixels
MOST_BLOCKS = 24
MOST_DROPOUT = 0.99  # a layer must keep at least 1% of its values
LEAST_DROPOUT = 2**-16  # `layers.BitDropout` uses 16 random bits


def _in_sixteen_bits(rate: float) -> float:
    """Return a dropout rate; raise ValueError for one above 0 that would drop nothing."""
    if 0 < rate < LEAST_DROPOUT:
        raise ValueError(
            f"should be 0 or at least {LEAST_DROPOUT:.3g}; a smaller rate drops nothing"
        )
    return rate


DropoutRate = Annotated[float, Field(ge=0, le=MOST_DROPOUT), AfterValidator(_in_sixteen_bits)]


class Block(StrictModel):
    """Convolution -> max-pooling -> dropout; `64` is short for `{filters: 64}`.

    Attributes:
        filters: Number of filters of the convolution.
        kernel: Side of its kernels, in pixels; None: the config's `kernel_size`.
        pool: Side of the square that is pooled into one pixel; 1: no pooling.
        dropout: Dropout rate after the pooling; None: the config's `conv_dropout`.
    """

    filters: Whole = Field(ge=1, le=4096)
    kernel: Whole | None = Field(None, ge=1, le=IMAGE_SIDE)
    pool: Whole = Field(2, ge=1, le=IMAGE_SIDE)
    dropout: DropoutRate | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        """Accept a single number as the number of filters."""
        if isinstance(value, dict | cls):
            return value
        number = whole(value)
        if isinstance(number, int) and not isinstance(number, bool):
            return {"filters": number}
        raise ValueError("should be a number of filters, or {filters: N, kernel, pool, dropout}")

    @model_serializer
    def _to_number(self) -> int | dict[str, int | float]:
        """Write the block in its shortest form: without defaults, as a number if possible."""
        written = {
            key: getattr(self, key)
            for key, field in type(self).model_fields.items()
            if key == "filters" or getattr(self, key) != field.default
        }
        return written if len(written) > 1 else self.filters

    def __str__(self) -> str:
        return str(self._to_number())


def refuse_empty_images(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return `blocks`; raise ValueError if a block's pool is larger than the image it gets."""
    side = IMAGE_SIDE
    for number, block in enumerate(blocks):
        if block.pool > side:
            raise ValueError(
                f"leaves no pixel: [{number}] pools {block.pool} x {block.pool} pixels, but only "
                f"{side} x {side} are left; set pool: 1 in that block, or remove it"
            )
        side //= block.pool
    return blocks
