"""The page of `nnlab scrub`: the films of one run or two, under one slider."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from nnlab.plots import write_png
from nnlab.reports.embedded import from_png
from nnlab.reports.film import Film, narrowed
from nnlab.reports.film_pack import Packed, pack
from nnlab.reports.film_strip import moments, strip
from nnlab.reports.page import render
from nnlab.reports.parts import Command, Picture

MOST_BYTES = 4_000_000  # of a page
FEWER = (64, 32, 16)  # units of a layer, if there are too many bytes
STILLS = 6


@dataclass(frozen=True)
class Run:
    """What the page says of one run.

    Attributes:
        name: of the run.
        about: what tells it from others.
        last: its last step or epoch.
        numbers: the names of what is measured.
        notes: what a reader should know.
    """

    name: str
    about: str
    last: str
    numbers: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True)
class FilmPage:
    """The content of the page; `about` and `frames` are what its script reads."""

    template: ClassVar[str] = "scrub.html"

    title: str
    experiment: str
    unit: str
    stills: int
    strip: Picture
    runs: Sequence[Run]
    panels: Sequence[dict[str, Any]]
    about: str
    frames: str
    commands: Sequence[Command]


def film_page(
    films: Sequence[Film], experiment: str, about: Sequence[str], commands: Sequence[Command]
) -> str:
    """Return the HTML of the page of one film or two.

    Args:
        films: their panels agree.
        experiment: its name.
        about: what tells each run from others.
        commands: how the runs and the page are made again.
    """
    html = _film_page(films, experiment, about, commands)
    for units in FEWER:
        if len(html) <= MOST_BYTES:
            break
        fewer = [narrowed(film, units) for film in films]
        html = _film_page(fewer, experiment, about, commands)
    return html


def _film_page(
    films: Sequence[Film], experiment: str, about: Sequence[str], commands: Sequence[Command]
) -> str:
    packed: Packed = pack(films)
    png = io.BytesIO()
    write_png(strip(films, STILLS), png)
    unit = films[0].unit
    caption = f"each column is one {unit}, from the first on the left to the last on the right"
    names = [film.name for film in films]
    page = FilmPage(
        title=" and ".join(names), experiment=experiment, unit=unit,
        stills=len(moments(films, STILLS)),
        strip=from_png("still pictures", png.getvalue(), caption),
        runs=[
            Run(film.name, said, f"{film.at[-1]:,}", list(film.numbers), film.notes)
            for film, said in zip(films, about, strict=True)
        ],
        panels=packed.about["panels"], about=_json(packed.about), frames=packed.frames,
        commands=commands,
    )  # fmt: skip
    return render(page, style="scrub.css", script="scrub.js")


def _json(content: dict[str, Any]) -> str:
    """Return JSON that can stand in a script element: no text in it can end the element."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
