"""Films: their axes, their steps, and what packing leaves of their values."""

import base64
import gzip
import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnlab.reports.film import Curves, Film, Grid, Lines, log_spaced, narrowed
from nnlab.reports.film_axis import Axis
from nnlab.reports.film_pack import EMPTY, Packed, pack
from nnlab.reports.film_page import film_page
from nnlab.reports.film_strip import moments


@pytest.mark.parametrize("last", [0, 1, 5, 118, 119, 120, 121, 300, 5000, 100_000, 10**9])
def test_steps_are_few_and_hold_both_ends(last: int) -> None:
    steps = log_spaced(last)
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, last)
    assert min(last + 1, 115) <= len(steps) <= 121
    ratios = [b / a for a, b in pairwise(steps[60:])]
    assert max(ratios, default=1) < 1.4


@pytest.mark.parametrize(
    "axis",
    [
        Axis("a", -2, 2), Axis("b", 0, 7), Axis("c", 0.003, 40, "log", 1e-12),
        Axis("d", -9, 9, "symlog", 0.01), Axis("e", 0, 1, "sqrt"), Axis("f", 3, 3),
        Axis("g", -1e-9, 1e-9), Axis("h", 0, 10**9, "symlog", 1.0),
    ],
)  # fmt: skip
def test_labels_stand_at_their_values(axis: Axis) -> None:
    ticks = axis.ticks()
    values = np.array([float(text.replace("−", "-").replace(",", "")) for _, text in ticks])
    assert [place for place, _ in ticks] == pytest.approx(axis.place(values).tolist(), abs=1e-6)
    assert axis.low == axis.high or len(ticks) >= 2
    assert len(ticks) < 16


def test_an_axis_keeps_order_and_ends() -> None:
    axis = Axis("a", -9, 9, "symlog", 0.01)
    places = axis.place(np.array([-20, -9, -1, -0.01, 0, 0.01, 1, 9, 20]))
    assert (np.diff(places) >= 0).all()
    assert places[[0, 1, 4, 7, 8]].tolist() == [0, 0, 0.5, 1, 1]
    assert Axis("b", 0.01, 100, "log").place(np.array([0.01, 1, 100])).tolist() == [0, 0.5, 1]


def made(rng: np.random.Generator, frames: int, high: float) -> Film:
    x = np.linspace(-2, 2, 5)
    weights = rng.uniform(-high, high, (frames, 4, 4))
    weights[0, 0, 0] = math.nan
    return Film(
        "a", "step", list(range(frames)), {"loss": [math.inf, *[0.5] * (frames - 1)]},
        [
            Grid("W", "", Axis("w", -high, high), weights, strip=True),
            Lines("f", "", Axis("y", -high, high), Axis("x", -2, 2), x,
                  rng.uniform(-high, high, (frames, 3, 5)), fine=True),
            Lines("h", "", Axis("h", 0, 1), Axis("x", -2, 2), x, rng.uniform(0, 1, (frames, 7, 5))),
            Curves("l", "", Axis("loss", 0, 1), {"loss": rng.uniform(0, 1, frames)}),
        ],
    )  # fmt: skip


def frames_of(packed: Packed, panel: int, run: int, shape: tuple[int, ...], kind: str) -> Any:
    """Unpack the frames of a panel as the script does."""
    raw = gzip.decompress(base64.b64decode(packed.frames))
    start = packed.about["panels"][panel]["runs"][run]["start"]
    stored = np.frombuffer(raw, kind, math.prod(shape), start).reshape(shape)
    return np.cumsum(stored, axis=0, dtype=kind)


def test_packed_values_are_within_half_a_step_of_their_scale() -> None:
    rng = np.random.default_rng(0)
    films = [made(rng, 6, 1.0), made(rng, 4, 3.0)]
    packed = pack(films)
    assert packed.about["at"] == [0, 1, 2, 3, 4, 5]
    assert packed.about["counts"] == [6, 4]
    assert packed.about["numbers"][0]["loss"][:2] == [None, 0.5]
    for run, film in enumerate(films):
        grid, fine, coarse, _ = film.panels
        assert isinstance(grid, Grid)
        assert isinstance(fine, Lines)
        assert isinstance(coarse, Lines)
        found = frames_of(packed, 0, run, grid.values.shape, "u1")
        assert found[0, 0, 0] == EMPTY
        places = Axis("w", -3, 3).place(grid.values)  # the scale that both films share
        assert (
            np.nanmax(np.abs(np.where(found == EMPTY, np.nan, found) / 254 - places)) <= 0.502 / 254
        )
        for panel, lines, most, kind in ((1, fine, 65535, "<u2"), (2, coarse, 255, "u1")):
            found = frames_of(packed, panel, run, lines.moving.shape, kind)
            places = (Axis("y", -3, 3) if panel == 1 else lines.y).place(lines.moving)
            assert np.abs(found / most - places).max() <= 0.5001 / most


def test_a_page_with_too_many_bytes_shows_fewer_units(monkeypatch: pytest.MonkeyPatch) -> None:
    films = [replace(made(np.random.default_rng(0), 3, 1.0), notes=["as it was"])] * 2
    whole = film_page(films, "cubic", ["", ""], [])
    assert "first 16 units" not in whole
    monkeypatch.setattr("nnlab.reports.film_page.MOST_BYTES", 1000)
    fewer = film_page(films, "cubic", ["", ""], [])
    assert "first 16 units" in fewer
    assert "first 64 units" not in fewer
    assert fewer.count("as it was") == 2  # of each run


def test_a_short_film_has_no_still_picture_twice() -> None:
    film = made(np.random.default_rng(0), 3, 1.0)
    assert moments([film], 6) == [0, 1, 2]
    assert moments([film, made(np.random.default_rng(0), 12, 1.0)], 6) == [0, 2, 4, 7, 9, 11]
    assert "here are 3 moments" in film_page([film], "cubic", [""], [])


def test_the_same_plots_of_two_runs_follow_each_other() -> None:
    films = [made(np.random.default_rng(0), 3, 1.0)] * 2
    page = film_page(films, "cubic", ["", ""], [])
    places = re.findall(r'data-panel="(\d)" data-run="(\d)"', page)
    assert places == [(panel, run) for panel in "0123" for run in "01"]


def test_a_narrowed_film_says_so() -> None:
    film = narrowed(made(np.random.default_rng(0), 3, 1.0), 2)
    grid, _, many, _ = film.panels
    assert isinstance(grid, Grid)
    assert isinstance(many, Lines)
    assert (grid.values.shape, many.moving.shape) == ((3, 2, 2), (3, 2, 5))
    assert "first 2 units" in film.notes[-1]
