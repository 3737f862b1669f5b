"""The peak memory of a step, compared with the sizes of its arrays."""

import tracemalloc

import numpy as np
import pytest

from nnlab.cubic.memory import peak_bytes
from nnlab.cubic.network import shapes

PYTHON = 10_000  # bytes: array headers, dicts, frames


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("hidden", "batch"), [(125, 1), (125, 32), (20, 1000), (125, 1000)])
def test_the_peak_is_that_of_the_arrays_of_a_step(hidden: int, batch: int, dtype: str) -> None:
    parameters = sum(int(np.prod(shape)) for shape in shapes(hidden).values())
    numbers = 5 * batch * hidden + 4 * batch + parameters
    size = np.dtype(dtype).itemsize
    buffers = 2 * np.getbufsize() * size
    found = peak_bytes(hidden, batch, dtype)
    assert numbers * size <= found <= numbers * size + buffers + PYTHON


def test_it_is_the_same_each_time() -> None:
    found = {peak_bytes(50, 64) for _ in range(5)}
    assert max(found) - min(found) < 1000


def test_another_trace_is_refused_and_goes_on() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(RuntimeError, match="tracing already"):
            peak_bytes(3, 1)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()
