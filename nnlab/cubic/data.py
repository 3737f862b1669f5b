"""The input files of a run, its points, and the grid on which a fit is evaluated."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nnlab.cubic import input_files
from nnlab.cubic.config import CubicConfig, NetworkConfig
from nnlab.cubic.network import Array, Backpropagation
from nnlab.cubic.points import Points
from nnlab.errors import UsageError
from nnlab.runs import copies
from nnlab.runs.run import Run
from nnlab.text import printable

GRID = np.linspace(-2, 2, 81)  # -2, -1.95, ..., 2
CUBE = GRID**3  # not computed again for each log point


def on_grid(network: Backpropagation) -> Array:
    """Return f on the grid as float64, (81,), of a network for batches of 81."""
    return network.forward(GRID[:, None].astype(network.f.dtype))[:, 0].astype(np.float64)


def points(config: CubicConfig) -> tuple[Array, Array]:
    """Return the whole training set, x and y = x^3, each (samples, 1). Raises as `Points`."""
    found = Points(config)
    return found.pairs(found.stored())


def inputs(config: NetworkConfig, run: Run, *, restored: bool) -> dict[str, str]:
    """Return the SHA-256 of each input file of the run, by its key.

    Raises:
        UsageError: a file cannot be read, or is not the file that the run began with;
            a `restored` run needs no initial parameters.
    """
    before = run.inputs
    files = _files(config) | ({"init_from": None} if restored else {})
    found = {key: input_files.digest(path) for key, path in files.items() if path}
    for key, sha in found.items():
        if before.get(key, sha) != sha:
            raise UsageError(
                f"{key}: {printable(files[key])} is not the file that {run.path} began with "
                f"(SHA-256 {before[key]})"
            )
    return before | found


def keep_copies(config: NetworkConfig, run: Run, digests: Mapping[str, str]) -> None:
    """Copy the input files into the run directory, except those that are too large."""
    for key, sha256 in digests.items():
        path, name = getattr(config, key), config.copies[key]
        if path and not (run.path / name).exists() and (raw := copies.small(path, sha256)):
            run.save(name, lambda file, raw=raw: file.write(raw))  # type: ignore[misc]


@contextmanager
def held(config: NetworkConfig) -> Iterator[None]:
    """Check that the input files do not change in this block: one file is read and hashed.

    Raises:
        UsageError: one was written or replaced in the meantime.
    """
    before = {key: _stamp(path) for key, path in _files(config).items() if path}
    yield
    for key, stamp in before.items():
        path = getattr(config, key)
        if _stamp(path) != stamp:
            raise UsageError(
                f"{key}: {printable(path)} changed while it was read: start again once it is whole"
            )


def _files(config: NetworkConfig) -> dict[str, Path | None]:
    """Return the input files that a config names, by their keys."""
    return {key: getattr(config, key) for key in config.copies}


def _stamp(path: Path) -> tuple[int, ...]:
    """Return values that change when the file at `path` is written or replaced; () if missing."""
    try:
        of = path.stat()
    except (OSError, ValueError):
        return ()
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns
