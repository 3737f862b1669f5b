"""All random generators of nnlab, as functions of (seed, purpose, counters).

No generator state is saved. The random numbers of epoch 7 depend only on (seed, purpose, 7), so a
resumed run draws the same numbers as an uninterrupted run.
"""

import hashlib
import unicodedata
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


def named(name: str, *counters: int) -> np.random.Generator:
    """Return a generator for a person's name: the same on every machine, and for no other name.

    The seed is the SHA-256 digest of the name in UTF-8, and the counters. The same letters may be
    composed in two ways in Unicode; both give the same seed.
    """
    text = unicodedata.normalize("NFC", name.strip())
    digest = hashlib.sha256(text.encode(errors="surrogateescape")).digest()
    words = np.frombuffer(digest, "<u4").tolist()
    return np.random.default_rng(np.random.SeedSequence([*words, *counters]))
