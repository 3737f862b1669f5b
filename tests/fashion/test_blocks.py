"""A block is written in its shortest form, and cannot pool more pixels than there are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nnlab.fashion.blocks import IMAGE_SIDE, Block
from nnlab.fashion.config import FashionConfig

blocks = st.builds(
    Block,
    filters=st.integers(1, 4096),
    kernel=st.none() | st.integers(1, 28),
    pool=st.integers(1, 28),
    dropout=st.none() | st.just(0.0) | st.floats(0.001, 0.99),
    skip=st.integers(0, 23),
)


def test_a_number_is_a_block() -> None:
    plain = FashionConfig.model_validate_json('{"filters": [64, 32]}')
    assert plain == FashionConfig(filters=(Block(filters=64), Block(filters=32)))
    assert plain.model_dump(mode="json")["filters"] == [64, 32]


@given(block=blocks)
def test_a_block_is_written_short_and_reads_back_the_same(block: Block) -> None:
    written: Any = block.model_dump(mode="json")
    assert Block.model_validate(written) == block
    if (block.kernel, block.pool, block.dropout, block.skip) == (None, 2, None, 0):
        assert written == block.filters
    else:
        assert set(written) <= {"filters", "kernel", "pool", "dropout", "skip"}
        assert None not in written.values()


@given(pools=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_pooling_below_a_pixel_is_refused_and_nothing_else(pools: list[int]) -> None:
    side, fits = IMAGE_SIDE, True
    for pool in pools:
        fits = fits and pool <= side
        side //= pool
    filters = tuple(Block(filters=1, pool=pool) for pool in pools)
    if fits:
        assert FashionConfig(filters=filters).filters == filters
    else:
        with pytest.raises(ValidationError, match="leaves no pixel"):
            FashionConfig(filters=filters)


@pytest.mark.parametrize(
    ("filters", "fault"),
    [
        (({"filters": 1, "pool": 1, "skip": 1},), "skip 1; it should be at most 0"),
        (
            (4, {"filters": 4, "pool": 1, "skip": 2}),
            r"filters\[1\] has skip 2; it should be at most 1",
        ),
        (
            (4, {"filters": 5, "pool": 1, "skip": 1}),
            r"its filters should be 4, as those of filters\[0\]",
        ),
        (
            (4, 3, {"filters": 4, "pool": 1, "skip": 2}),
            r"but filters\[1\] pools; set pool: 1 there",
        ),
        ((4, {"filters": 4, "skip": 1}), r"but filters\[1\] pools"),
    ],
)
def test_a_shortcut_around_another_shape_is_refused(filters: Any, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        FashionConfig(filters=filters)
