"""(seed, purpose, counters) -> random generator: all of nnlab's randomness begins here.

No generator state is ever saved. What is random at epoch 7 depends on (seed, purpose, 7) alone,
so a resumed run draws what an undisturbed one would have drawn.
"""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream of random numbers is for. The values are part of every seed: never renumber."""

    INIT = 0
    POINTS = 1
    ORDER = 2
    DROPOUT = 3
    ENTRIES = 4
    AUGMENT = 5


def sequence(seed: int, purpose: Purpose, *counters: int) -> np.random.SeedSequence:
    """Return the seed sequence of `purpose` at `counters` (an epoch, a layer), a pure function.

    Streams of different purposes or counters are independent (numpy.random.SeedSequence,
    after O'Neill's seed_seq).
    """
    return np.random.SeedSequence((seed, purpose, *counters))


def generator(seed: int, purpose: Purpose, *counters: int) -> np.random.Generator:
    """Return a generator on the stream of `sequence(seed, purpose, *counters)`."""
    return np.random.default_rng(sequence(seed, purpose, *counters))
