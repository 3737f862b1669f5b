"""The orders in which the epochs of a training visit the samples.

An order is a function of seed and epoch, so a resumed run visits the samples as an undisturbed one
does. All random orders of one seed but `replacement` begin with the same epoch: runs that differ in
their order alone start alike.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnlab import seeds

AT_ONCE = 100_000  # indices that are drawn at a time

AnyOrder = Literal["reshuffle", "stored", "once", "replacement", "flip-flop"]
"""The orders that need nothing but the number of samples:

- reshuffle: a new random order every epoch.
- stored: the order of the data.
- once: one random order, the same in every epoch.
- replacement: an epoch draws each of its samples from all samples, uniformly.
- flip-flop: a new random order every second epoch; the epoch after it visits that order backwards
  (Rajput, Lee, Papailiopoulos, arXiv:2102.09718).
"""


def visits(order: AnyOrder, samples: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the order in which `epoch` (from 0) visits the samples: indices, (samples,)."""
    if order == "stored":
        return np.arange(samples)
    if order == "replacement":
        return seeds.generator(seed, seeds.Purpose.ORDER, epoch).integers(samples, size=samples)
    found = _generator(order, seed, epoch).permutation(samples)
    return found[::-1] if order == "flip-flop" and epoch % 2 else found


def arranged(order: AnyOrder, values: NDArray[Any], seed: int, epoch: int) -> NDArray[Any]:
    """Return values[visits(order, len(values), seed, epoch)]; `values`, (samples,), may be changed.

    A shuffle swaps whatever it gets as it swaps indices, so that this needs no array of indices.
    """
    samples = len(values)
    if order == "stored":
        return values
    if order == "replacement":
        rng, found = seeds.generator(seed, seeds.Purpose.ORDER, epoch), np.empty_like(values)
        for begin in range(0, samples, AT_ONCE):  # the same indices as all of them at once
            part = found[begin : begin + AT_ONCE]
            part[:] = values[rng.integers(samples, size=len(part))]
        return found
    _generator(order, seed, epoch).shuffle(values)
    return values[::-1] if order == "flip-flop" and epoch % 2 else values


def _generator(order: AnyOrder, seed: int, epoch: int) -> np.random.Generator:
    """Return the generator that shuffles the samples for `epoch`."""
    drawn = {"reshuffle": epoch, "once": 0, "flip-flop": epoch - epoch % 2}[order]
    return seeds.generator(seed, seeds.Purpose.ORDER, drawn)
