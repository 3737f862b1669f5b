"""Still pictures of films: some frames side by side, for paper and for where no script runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from nnlab.plots import BLUE, GREY, RED, literal
from nnlab.reports.film import Film, Grid, Lines, Panel
from nnlab.reports.film_axis import Axis
from nnlab.reports.film_pack import axis_of

SIDE, DPI = 1.75, 110  # of one picture, in inches
TWO_WAYS = LinearSegmentedColormap.from_list("two ways", ["#2166ac", "#f4f4f2", "#b35806"])
ONE_WAY = LinearSegmentedColormap.from_list("one way", ["#f4f4f2", "#084a7d"])


def strip(films: Sequence[Film], columns: int) -> Figure:
    """Draw some frames of the panels that ask for it: a row a panel of each film.

    Args:
        films: one film or more; their panels agree.
        columns: frames, from the first to the last; fewer if the films have fewer.
    """
    longest = _longest(films)
    places = moments(films, columns)
    columns = len(places)
    panels = [same for same in zip(*(f.panels for f in films), strict=True) if same[0].strip]
    rows = [(film, place, same) for place, film in enumerate(films) for same in panels]
    figure = Figure(
        figsize=(SIDE * columns + 0.6, SIDE * len(rows) + 0.4), dpi=DPI, layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for row, (film, which, same) in enumerate(rows):
        for column, place in enumerate(places):
            ax = axes[row, column]
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_color(GREY)
            _draw(ax, same[which], axis_of(same), min(place, len(film.at) - 1))
            if row == 0:
                ax.set_title(f"{longest.unit} {longest.at[place]:,}", fontsize=11)
        name = f"{literal(film.name)}\n" if len(films) > 1 else ""
        axes[row, 0].set_ylabel(f"{name}{literal(same[0].title)}", fontsize=9)
    return figure


def moments(films: Sequence[Film], count: int) -> list[int]:
    """Return at most `count` places among the frames of the longest film, from first to last."""
    frames = len(_longest(films).at)
    places: list[int] = np.linspace(0, frames - 1, min(count, frames)).round().astype(int).tolist()
    return places


def _longest(films: Sequence[Film]) -> Film:
    return max(films, key=lambda film: len(film.at))


def _draw(ax: Axes, panel: Panel, axis: Axis, frame: int) -> None:
    """Draw one frame of a panel, on the axis of all films."""
    if isinstance(panel, Lines):
        lines = panel.moving[frame]  # (lines, points)
        for still in panel.still.values():
            ax.plot(panel.at, axis.place(still), color=RED, linewidth=2.5)
        thin: dict[str, Any] = {"linewidths": 0.6, "alpha": max(0.3, min(1.0, 20 / len(lines)))}
        thin = thin if len(lines) > 1 else {"linewidths": 1.6}
        drawn = [np.column_stack([panel.at, axis.place(line)]) for line in lines]
        ax.add_collection(LineCollection(drawn, colors=[BLUE], **thin))
        ax.set(xlim=(panel.x.low, panel.x.high), ylim=(-0.02, 1.02))
    elif isinstance(panel, Grid):
        colours = TWO_WAYS if axis.low < 0 else ONE_WAY
        places = axis.place(panel.values[frame])
        ax.imshow(places, cmap=colours, vmin=0, vmax=1, interpolation="nearest")
