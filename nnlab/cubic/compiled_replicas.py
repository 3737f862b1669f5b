"""Replicas: the steps of several networks in one compiled call, on several threads.

Each replica runs `nnlab.cubic.compiled.descend`, the loop of a single run, on one thread. So its
bytes are those of its single run, whatever the number of threads and of replicas; a test holds
this.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numba
import numpy as np

from nnlab.cubic.compiled import descend_together, mend_cache, mistakes_of
from nnlab.cubic.network import Array, Backpropagation, Parameters, shapes


class Replicas:
    """Networks of equal size, which take their steps together.

    Args:
        count: number of replicas.
        hidden: units in each hidden layer.
        dtype: type of all numbers.
        lr: learning rate.
        batch_size: samples in each step.
        kind: a class of `nnlab.cubic.gradients.NETWORKS`: which gradient is computed.
        threads: number of threads; no more than Numba has (NUMBA_NUM_THREADS) are used.
    """

    def __init__(
        self, count: int, hidden: int, dtype: str, *, lr: float, batch_size: int,
        kind: type[Backpropagation] = Backpropagation, threads: int = 1,
    ) -> None:  # fmt: skip
        self._stacks = {name: np.zeros((count, *s), dtype) for name, s in shapes(hidden).items()}
        self._step = np.dtype(dtype).type(lr), batch_size
        mistakes = mistakes_of(kind)
        self._mistakes = None if mistakes is None else np.array(mistakes)
        self._threads = min(threads, numba.config.NUMBA_NUM_THREADS)
        mend_cache(partial(self.descend, {}))  # loads the compiled steps, or compiles them

    def adopt(self, replica: int, parameters: Parameters) -> None:
        """Take parameters over: keep their values, and replace the arrays in the dict."""
        for name, stack in self._stacks.items():
            stack[replica] = parameters[name]
            parameters[name] = stack[replica]

    def descend(self, samples: Mapping[int, tuple[Array, Array]]) -> dict[int, Array]:
        """Take one gradient step for each batch, in order; change the adopted parameters in place.

        Args:
            samples: replica -> x, y, both (samples, 1); replicas may have different numbers.

        Returns:
            Replica -> f - y of each sample, computed before its step; (samples, 1).
        """
        which = np.array(list(samples), np.int64)
        counts = np.array([len(x) for x, _ in samples.values()], np.int64)
        count, dtype = len(self._stacks["b3"]), self._stacks["b3"].dtype
        x, y, errors = (np.empty((count, counts.max(initial=0)), dtype) for _ in range(3))
        for replica, own in samples.items():
            for row, column in zip((x, y), own, strict=True):
                row[replica, : len(column)] = column[:, 0]
        parameters = tuple(  # W1, b1, W2, b2, W3, b3
            stack if name == "W2" else stack.reshape(count, -1)
            for name, stack in self._stacks.items()
        )
        with _threads(self._threads):
            descend_together(parameters, (x, y, errors), *self._step, which, counts, self._mistakes)
        return {r: errors[r, :n, None] for r, n in zip(which.tolist(), counts, strict=True)}


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let Numba use so many threads inside."""
    before = numba.get_num_threads()
    numba.set_num_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before)
