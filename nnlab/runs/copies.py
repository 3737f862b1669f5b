"""Copies of a run's input files in its directory, so that the run can be repeated elsewhere.

The config has the original path of each input file. If that file is missing or has changed, the
copy is used instead, provided that its SHA-256 is the one in run.json.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nnlab import inputs
from nnlab.config.base import AnyConfig
from nnlab.errors import UsageError
from nnlab.text import printable

MOST_BYTES = 64 << 20  # larger files are not copied


def small(path: Path, sha256: str) -> bytes | None:
    """Return the bytes of the file at `path`; None if it is too large to copy, or has changed."""
    try:
        raw = inputs.read(path, MOST_BYTES, "a file that is copied")
    except (OSError, ValueError):
        return None
    return raw if hashlib.sha256(raw).hexdigest() == sha256 else None


def stand_in(config: AnyConfig, run: Path, digests: Mapping[str, str]) -> AnyConfig:
    """Return `config` with copies in place of input files that are missing or have changed.

    Args:
        config: the config that names the files.
        run: the run directory that has the copies.
        digests: config key -> SHA-256 of the file at the start of the run.
    """
    found = {}
    for key, name in config.copies.items():
        original, copy, sha256 = getattr(config, key), run.absolute() / name, digests.get(key, "")
        if original and sha256 and not _has(original, sha256) and _has(copy, sha256):
            found[key] = copy
    return config.model_copy(update=found)


def as_begun(config: AnyConfig, run: Path, digests: Mapping[str, str]) -> AnyConfig:
    """Return `config` with input files that are all those that the run began with.

    Args:
        config: as in `stand_in`.
        run: as in `stand_in`.
        digests: as in `stand_in`.

    Raises:
        UsageError: a file is missing or has changed, and the run has no copy of it.
    """
    found = stand_in(config, run, digests)
    for key in config.copies:
        path, sha256 = getattr(found, key), digests.get(key, "")
        if path and sha256 and not _has(path, sha256):
            state = "has changed" if path.exists() else "is missing"
            raise UsageError(
                f"{printable(run)}: {key}: {printable(path)} {state}, and the run has no copy of "
                f"it; put the file with the SHA-256 {sha256} there"
            )
    return found


def _has(path: Path, sha256: str) -> bool:
    """Return whether there is a plain file at `path` with this SHA-256."""
    try:
        return inputs.digest(path) == sha256
    except (OSError, ValueError):
        return False
