"""A long line keeps what its picture shows."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nnlab.plots import curves
from nnlab.thinning import STRETCHES, thinned


def test_a_long_line_keeps_its_peaks_and_its_ends() -> None:
    count = 50_000
    lines = [[math.sin(i / 1000) for i in range(count)], [0.0] * count]
    lines[0][12_345], lines[1][40_001] = 99.0, -7.0
    kept = thinned(lines, 500)
    assert len(kept) <= 2000
    assert {0, 12_345, 40_001, count - 1} <= set(kept)
    assert all(a < b for a, b in pairwise(kept))
    assert max(b - a for a, b in pairwise(kept)) <= 2 * count // 500
    assert list(thinned([[1.0, 2.0]])) == [0, 1]


def picture(x: Sequence[float], y: Sequence[float]) -> np.ndarray:
    figure = curves("", x, {"loss": y}, x_label="step", y_label="loss", log=True)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba(), float)  # type: ignore[attr-defined]


def test_the_picture_of_a_thinned_line_looks_the_same() -> None:
    count = 100_000
    noise = np.random.default_rng(0).exponential(size=count)
    y = (noise * np.exp(-np.arange(count) / count * 4)).tolist()
    kept = thinned([y])
    assert len(kept) <= 2 * STRETCHES + 2
    whole, even = picture(range(count), y), range(0, count, count // len(kept))

    def differ(some: Sequence[int]) -> float:
        pixels = np.abs(whole - picture(some, [y[i] for i in some])).max(axis=-1) > 64  # of 255
        return float(pixels.mean())

    assert differ(kept) < 0.003
    assert differ(even) > 0.03  # as many points, evenly chosen, would lose the peaks
