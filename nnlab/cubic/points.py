"""The training points of a run: samples of y = x^3, as many at a time as are needed.

A hundred million points fill 0.8 GB, so that nothing is kept twice. Drawn points need not be kept
at all: where the k-th begins in the random stream is known, and they are drawn again. An epoch
keeps x in its order, and nothing if that is the order of the drawing; y is computed where it is
used.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import orders, seeds
from nnlab.cubic import input_files
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.errors import UsageError
from nnlab.text import printable

AT_ONCE = 100_000  # points that are computed at a time


class Points:
    """x and y = x^3 of a config: x from a file, or from U(-2, 2).

    Raises:
        UsageError: the file of points cannot be used.
    """

    def __init__(self, config: CubicConfig) -> None:
        self._config = config
        self._read = _read(config, config.points) if config.points else None

    def stored(self, begin: int = 0, end: int | None = None) -> Array:
        """Return x of the points begin .. end as they are stored, a new array, (points,).

        It is in float64, whatever the type of the training: y is computed from this x.
        """
        end = self._config.samples if end is None else end
        if self._read is not None:
            return self._read[begin:end].copy()
        rng = seeds.generator(self._config.seed, seeds.Purpose.POINTS)
        rng.bit_generator.advance(begin)  # type: ignore[attr-defined] # a number takes one step
        return rng.uniform(-2, 2, end - begin)

    def parts(self) -> Iterator[Array]:
        """Yield x of all points as they are stored, in the type of the training, (some,) each."""
        for begin in range(0, self._config.samples, AT_ONCE):
            yield self.typed(self.stored(begin, min(begin + AT_ONCE, self._config.samples)))

    def visited(self, epoch: int) -> Callable[[int, int], Array]:
        """Return the function that returns x of the points begin .. end in the order of `epoch`."""
        if self._config.order == "stored" and not self._config.shuffle:
            return self.stored
        stored = self.stored()
        x = self._arranged(stored, epoch, lambda: stored)
        return lambda begin, end: x[begin:end]

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order in which `epoch` (from 0) visits the points: indices, (samples,)."""
        return self._arranged(np.arange(self._config.samples), epoch, self.stored)

    def _arranged(
        self, values: NDArray[Any], epoch: int, stored: Callable[[], Array]
    ) -> NDArray[Any]:
        """Return `values`, one for each point of `stored()`, in the order of `epoch`.

        `values` may be changed. Only an order by x asks for x.
        """
        config = self._config
        if config.order == "sorted":
            return values[self._rising(stored())]
        if config.order == "reversed":
            return values[self._rising(stored())][::-1]
        kind = "reshuffle" if config.shuffle else config.order
        return orders.arranged(kind, values, config.seed, epoch)

    def _rising(self, x: Array) -> NDArray[np.int64]:
        return np.argsort(self.typed(x), kind="stable")

    def pairs(self, x: Array) -> tuple[Array, Array]:
        """Return x and y of some points in the type of the training, each (points, 1)."""
        return self.typed(x)[:, None], _cubes(x, self._config.dtype)[:, None]

    def typed(self, x: Array) -> Array:
        """Return x in the type of the training, the same array if it has this type."""
        return x.astype(self._config.dtype, copy=False)


class Slices:
    """x or y of all points, (samples, 1) in float64, of which only slices are in memory."""

    def __init__(self, points: Points, samples: int, *, targets: bool) -> None:
        self._points, self._samples, self._targets = points, samples, targets

    def __len__(self) -> int:
        return self._samples

    def __getitem__(self, at: slice) -> Array:
        x, y = self._points.pairs(self._points.stored(at.start, at.stop))
        return (y if self._targets else x).astype(np.float64, copy=False)


@np.errstate(over="ignore")
def _cubes(x: Array, dtype: str) -> Array:
    return (x**3).astype(dtype, copy=False)


def _read(config: CubicConfig, path: Path) -> Array:
    """Return the first points of the file, as many as the config asks; raises as `Points`."""
    x = input_files.read_points(path)[: config.samples]
    where = f"points: {printable(path)}"
    if len(x) < config.samples:
        raise UsageError(
            f"{where} has {len(x):,} points, fewer than samples {config.samples:,}; "
            f"use --samples {len(x)}"
        )
    for begin in range(0, len(x), AT_ONCE):
        finite = np.isfinite(_cubes(x[begin : begin + AT_ONCE], config.dtype))
        if not finite.all():
            far = x[begin + np.argmin(finite)].astype(config.dtype)
            raise UsageError(
                f"{where} holds {far:g}, whose cube is more than {config.dtype} can hold"
            )
    return x
