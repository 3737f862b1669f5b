"""The copies that a run keeps of the files it starts from, so that it can be rerun elsewhere.

The config names a file where it was. Where it is no more, or is another by now, the copy in the
run directory stands in for it, if it has the SHA-256 that run.json tells.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nnlab import inputs
from nnlab.config.base import AnyConfig

COPIES = {"points": "inputs/points.npy", "init_from": "inputs/init_from.npz"}  # by config key
MOST_BYTES = 64 << 20  # of a file that is copied


def small(path: Path, sha256: str) -> bytes | None:
    """Return the bytes of the file at `path`; None if it is too large for a copy, or changed."""
    try:
        raw = inputs.read(path, MOST_BYTES, "a file that is copied")
    except (OSError, ValueError):
        return None
    return raw if hashlib.sha256(raw).hexdigest() == sha256 else None


def stand_in(config: AnyConfig, run: Path, digests: Mapping[str, str]) -> AnyConfig:
    """Return `config` with the copies in the directory `run` for the files that are gone.

    Args:
        config: what names the files.
        run: a run directory.
        digests: SHA-256 of each file that the run began with, by its key.
    """
    found = {}
    for key, sha256 in digests.items():
        original, copy = getattr(config, key, None), run.absolute() / COPIES[key]
        if original and not _has(original, sha256) and _has(copy, sha256):
            found[key] = copy
    return config.model_copy(update=found)


def _has(path: Path, sha256: str) -> bool:
    """Whether the plain file at `path` is there and has this digest."""
    try:
        return inputs.digest(path) == sha256
    except (OSError, ValueError):
        return False
