"""The points of Part 1: samples of y = x^3, and the grid on which a fit is judged."""

from collections.abc import Mapping

import numpy as np

from nnlab import copies, seeds
from nnlab.cubic import given
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array
from nnlab.errors import UsageError
from nnlab.run import Run
from nnlab.text import printable

GRID = np.linspace(-2, 2, 81)  # -2, -1.95, ..., 2


@np.errstate(over="ignore")
def points(config: CubicConfig) -> tuple[Array, Array]:
    """Return the training set, x and y = x^3, each (samples, 1): x as given, or from U(-2, 2).

    Raises:
        UsageError: the points that are given cannot be used.
    """
    if config.points:
        x = given.read_points(config.points)[: config.samples, None]
    else:
        rng = seeds.generator(config.seed, seeds.Purpose.POINTS)
        x = rng.uniform(-2, 2, (config.samples, 1))
    if len(x) < config.samples:
        where = f"points: {printable(config.points)}"
        raise UsageError(
            f"{where} has {len(x):,} points, fewer than samples {config.samples:,}; "
            f"take --samples {len(x)}"
        )
    x, y = x.astype(config.dtype), (x**3).astype(config.dtype)
    if not np.isfinite(y).all():
        far = x[np.argmin(np.isfinite(y))].item()
        where = f"points: {printable(config.points)}"
        raise UsageError(f"{where} holds {far:g}, whose cube is more than {config.dtype} can hold")
    return x, y


def inputs(config: CubicConfig, run: Run, *, restored: bool) -> dict[str, str]:
    """Return the SHA-256 of each file that the run starts from, by its key.

    Raises:
        UsageError: one that is needed cannot be read, or is not the one that the run began with;
            who is `restored` needs no initial parameters.
    """
    before: dict[str, str] = run.record.get("inputs", {})
    files = {"points": config.points, "init_from": None if restored else config.init_from}
    found = {key: given.digest(path) for key, path in files.items() if path}
    for key, sha in found.items():
        if before.get(key, sha) != sha:
            raise UsageError(
                f"{key}: {printable(files[key])} is not the file that {run.path} began with "
                f"(SHA-256 {before[key]})"
            )
    return before | found


def keep_copies(config: CubicConfig, run: Run, digests: Mapping[str, str]) -> None:
    """Copy the files that the run starts from into its directory, those that are not too large."""
    for key, sha256 in digests.items():
        path, name = getattr(config, key), copies.COPIES[key]
        if path and not (run.path / name).exists() and (raw := copies.small(path, sha256)):
            run.save(name, lambda file, raw=raw: file.write(raw))  # type: ignore[misc]


def order(config: CubicConfig, epoch: int) -> Array:
    """Return the order in which `epoch` (from 0) visits the points: indices, (samples,)."""
    if not config.shuffle:
        return np.arange(config.samples)
    return seeds.generator(config.seed, seeds.Purpose.ORDER, epoch).permutation(config.samples)
