"""Convolution blocks in a config: a number of filters, or a mapping with more settings."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_serializer, model_validator

from nnlab.config.strict import StrictModel, Whole, whole

IMAGE_SIDE = 28  # pixels; of the images of Fashion-MNIST
LEAST_SIDE, MOST_SIDE = 8, 64  # pixels; of other images
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
        skip: Number of blocks, of which this is the last, whose input is added to their output,
            before its relu; 0: nothing is added.
    """

    filters: Whole = Field(ge=1, le=4096)
    kernel: Whole | None = Field(None, ge=1, le=MOST_SIDE)
    pool: Whole = Field(2, ge=1, le=MOST_SIDE)
    dropout: DropoutRate | None = None
    skip: Whole = Field(0, ge=0, lt=MOST_BLOCKS)

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        """Accept a single number as the number of filters."""
        if isinstance(value, dict | cls):
            return value
        number = whole(value)
        if isinstance(number, int) and not isinstance(number, bool):
            return {"filters": number}
        raise ValueError(
            "should be a number of filters, or {filters: N, kernel, pool, dropout, skip}"
        )

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


def misfits(blocks: Sequence[Block], kernel_size: int, side: int) -> Iterator[str]:
    """Yield what does not fit images of `side` x `side` pixels: kernels and pools that are larger.

    Args:
        blocks: The blocks.
        kernel_size: Side of the kernels where a block has no `kernel`, in pixels.
        side: Side of the images, in pixels.
    """
    if kernel_size > side:
        yield f"kernel_size {kernel_size} should be at most {side}, the side of the images"
    yield from _skips(blocks)
    left = side
    for number, block in enumerate(blocks):
        where = f"filters[{number}]"
        if block.kernel and block.kernel > side:
            yield f"{where} has kernel {block.kernel}; it should be at most {side}, as the images"
        if block.pool > left:
            yield (
                f"{where} leaves no pixel: it pools {block.pool} x {block.pool} pixels, but of "
                f"images of {side} x {side} only {left} x {left} are left; "
                "set pool: 1 in that block, or remove it"
            )
            return
        left //= block.pool


def _skips(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield each `skip` whose blocks do not keep the shape of their input."""
    for number, block in enumerate(blocks):
        where, first = f"filters[{number}] has skip {block.skip}", number + 1 - block.skip
        if not block.skip:
            continue
        if first < 1:
            yield f"{where}; it should be at most {number}, the number of blocks before it"
            continue
        if pooled := [i for i in range(first, number + 1) if blocks[i].pool > 1]:
            yield f"{where}, but filters[{pooled[0]}] pools; set pool: 1 there"
        if block.filters != (before := blocks[first - 1].filters):
            yield (
                f"{where}: its filters should be {before}, as those of filters[{first - 1}], whose "
                "output is added"
            )
