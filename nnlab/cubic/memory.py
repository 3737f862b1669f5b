"""How much memory a gradient step needs, by batch size.

The NumPy engine keeps five arrays (batch, hidden), a few (batch, 1), and a gradient of each
parameter: the first grow with the batch, the last do not. NumPy reports each array to Python's
`tracemalloc`, so the peak is counted, not estimated from what the system gives to the process.
"""

import gc
import tracemalloc

import numpy as np

from nnlab.cubic.network import initial_parameters, minibatch_descent

LR = 0.01  # of the step that is measured; memory does not depend on it


def peak_bytes(hidden: int, batch_size: int, dtype: str = "float64") -> int:
    """Return the most bytes that one step of the NumPy engine holds at a time.

    That is all a step allocates: activations, deltas, gradients, errors, and up to two buffers of
    8,192 numbers inside NumPy. Parameters and points, which exist before it, are not counted. The
    same arguments give the same number, except for some hundred bytes of Python's own.

    Args:
        hidden: units in each hidden layer.
        batch_size: samples in the step.
        dtype: of all numbers.

    Raises:
        RuntimeError: `tracemalloc` is tracing already; its peak would be another's.
    """
    if tracemalloc.is_tracing():
        raise RuntimeError("tracemalloc is tracing already: stop it before this measurement")
    rng = np.random.default_rng(0)
    parameters = initial_parameters(hidden, 0.05, rng, dtype)
    x = rng.uniform(-2, 2, (batch_size, 1)).astype(dtype)
    y = x**3
    minibatch_descent(parameters, x, y, LR, batch_size)  # what the first call alone allocates
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        minibatch_descent(parameters, x, y, LR, batch_size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before
