"""All random generators of nnlab, as functions of (seed, purpose, counters).

No generator state is saved. The random numbers of epoch 7 depend only on (seed, purpose, 7), so a
resumed run draws the same numbers as an uninterrupted run.
"""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """The use of a random stream. The values are part of every seed: never change them."""

    INIT = 0
    POINTS = 1
    ORDER = 2
    DROPOUT = 3
    ENTRIES = 4
    AUGMENT = 5
    CLASSES = 6
    SERIES = 7
    SETTING = 8


def sequence(seed: int, purpose: Purpose, *counters: int) -> np.random.SeedSequence:
    """Return the seed sequence of `purpose` at `counters` (such as an epoch, a layer).

    Streams of different purposes or counters are independent (numpy.random.SeedSequence,
    after O'Neill's seed_seq).
    """
    return np.random.SeedSequence((seed, purpose, *counters))


def generator(seed: int, purpose: Purpose, *counters: int) -> np.random.Generator:
    """Return a generator with the seed `sequence(seed, purpose, *counters)`."""
    return np.random.default_rng(sequence(seed, purpose, *counters))
