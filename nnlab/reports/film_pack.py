"""Films made small: every value is its place on its axis in 8 or 16 bits, and gzip does the rest.

A frame is stored as its difference from the frame before it, modulo 256 or 65,536: what hardly
changes becomes zeros.
"""

import base64
import gzip
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.reports.film import Curves, Film, Gallery, Grid, Lines, Panel
from nnlab.reports.film_axis import Axis

EMPTY = 255  # the byte of a NaN in a Grid; its other places end at 254
COARSE, FINE = 255, 65535


class Packed(NamedTuple):
    """What the script of the page reads.

    Attributes:
        about: all but the frames, for JSON.
        frames: the frames of all panels, gzip, base64.
    """

    about: dict[str, Any]
    frames: str


def axis_of(panels: Sequence[Panel]) -> Axis:
    """Return the vertical axis that the same panel of several films has."""
    return reduce(Axis.joined, (panel.y for panel in panels))


def quantized(panel: Lines | Grid, axis: Axis) -> NDArray[Any]:
    """Return the values of a panel on `axis` as whole numbers; frames come first.

    One of Lines is within 1/2 of 255, or of 65,535, of its place; one of a Grid of 254.
    """
    if isinstance(panel, Lines):
        most, kind = (FINE, "<u2") if panel.fine else (COARSE, "u1")
        return (axis.place(panel.moving) * most).round().astype(kind)
    places = axis.place(panel.values)
    empty = np.isnan(places)
    return np.where(empty, EMPTY, np.where(empty, 0, places * (EMPTY - 1)).round()).astype("u1")


def pack(films: Sequence[Film]) -> Packed:
    """Pack the films of a page; their panels agree."""
    raw: dict[bool, list[bytes]] = {True: [], False: []}  # those of 16 bits come first
    sizes = {True: 0, False: 0}

    def keep(values: NDArray[Any]) -> tuple[bool, int]:
        """Keep the frames of a panel; return which part they are in, and where they start."""
        fine = values.itemsize > 1
        values[1:] -= values[:-1].copy()
        start = sizes[fine]
        raw[fine].append(values.tobytes())
        sizes[fine] += values.nbytes
        return fine, start

    panels = [_panel(same, keep) for same in zip(*(film.panels for film in films), strict=True)]
    for panel in panels:
        for run in panel["runs"]:
            if "part" in run:
                fine, start = run.pop("part")
                run["start"] = start if fine else sizes[True] + start
    longest = max(films, key=lambda film: len(film.at))
    about = {
        "unit": longest.unit, "at": list(longest.at), "x": _over_frames(longest),
        "numbers": [{k: _finite(v) for k, v in film.numbers.items()} for film in films],
        "counts": [len(film.at) for film in films], "panels": panels,
    }  # fmt: skip
    packed = gzip.compress(b"".join(raw[True] + raw[False]), 6, mtime=0)
    return Packed(about, base64.b64encode(packed).decode())


def _panel(same: Sequence[Panel], keep: Callable[[NDArray[Any]], tuple[bool, int]]) -> Any:  # noqa: ANN401 - JSON
    """Return one panel of all films for JSON; its frames go to `keep`."""
    axis, first = axis_of(same), same[0]
    about: dict[str, Any] = {
        "kind": type(first).__name__, "title": first.title,
        "label": axis.label, "ticks": axis.ticks(),
    }  # fmt: skip
    runs: list[dict[str, Any]] = []
    for panel in same:
        if isinstance(panel, Lines):
            runs.append({"part": keep(quantized(panel, axis)), "lines": panel.moving.shape[1]})
        elif isinstance(panel, Grid):
            rows, columns = panel.values.shape[1:]
            runs.append({"part": keep(quantized(panel, axis)), "rows": rows, "columns": columns})
        elif isinstance(panel, Curves):
            runs.append({"curves": {k: _short(axis.place(v)) for k, v in panel.lines.items()}})
        elif isinstance(panel, Gallery):
            runs.append(_gallery(panel, keep))
        runs[-1]["caption"] = panel.caption
    if isinstance(first, Lines):
        about |= {
            "x": first.x.label, "xticks": first.x.ticks(), "colour": first.colour,
            "at": _short(first.x.place(first.at)), "fine": first.fine,
            "still": {name: _short(axis.place(y)) for name, y in first.still.items()},
        }  # fmt: skip
    if isinstance(first, Grid):
        about |= {
            "across": first.across, "down": first.down, "names": list(first.names),
            "two_ways": axis.low < 0, "ticks": axis.legend(),
        }  # fmt: skip
    return about | {"runs": runs}


def _gallery(panel: Gallery, keep: Callable[[NDArray[Any]], tuple[bool, int]]) -> dict[str, Any]:
    """Return a gallery for JSON; its images go to `keep` as if each were a frame."""
    return {
        "part": keep(panel.images.copy()), "images": len(panel.images),
        "side": panel.images.shape[1], "names": list(panel.names), "true": panel.true.tolist(),
        "predicted": panel.predicted.tolist(),
    }  # fmt: skip


def _over_frames(film: Film) -> dict[str, Any]:
    """Return the horizontal axis of the curves: log(1 + step), or the epoch."""
    last = film.at[-1] or 1
    if film.unit == "step":
        axis = Axis("step", 0, last, "symlog", 1.0)
        ticks = [tick for tick in axis.ticks() if tick[0] >= 0]
    else:
        axis = Axis(film.unit, film.at[0], last)
        ticks = [(place, text) for place, text in axis.ticks() if "." not in text]
    return {"label": film.unit, "at": _short(axis.place(np.array(film.at))), "ticks": ticks}


def _short(places: NDArray[Any]) -> list[float | None]:
    """Return places for JSON; None for NaN."""
    return [None if math.isnan(place) else round(place, 5) for place in places.tolist()]


def _finite(values: Sequence[float]) -> list[float | None]:
    """Return values for JSON, which has no infinity."""
    return [value if math.isfinite(value) else None for value in values]
