"""The pictures of `nnlab cubic`: the fit, how it was learned, and the fit taking shape."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from nnlab.cubic.network import Array
from nnlab.plots import BLUE, GREY, RED, curves, new_figure

FRAME_MS, LAST_FRAME_TIMES = 70, 30  # milliseconds a frame, how often the last is repeated
COLOURS = 48  # of the GIF: two hues with their blends into white, and greys


def fit_figure(grid: Array, fit: Array, title: str) -> Figure:
    """Draw the predictions as points on the red x^3 curve, and the error f - y below.

    Args:
        grid: x, (points,).
        fit: f(x), (points,).
        title: what was trained.
    """
    figure, (top, below) = new_figure(2, height=6, ratios=(3, 1))
    error = fit - grid**3
    top.plot(grid, fit, "o", color=BLUE, markersize=5.5, label="network")
    top.plot(grid, grid**3, color=RED, linewidth=1.8, label="$x^3$")
    top.set(title=title, ylabel="y")
    top.legend(loc="upper left", fontsize=12, frameon=False)
    below.axhline(0, color=RED, linewidth=1.5)
    below.plot(grid, error, "o-", color=BLUE, markersize=3, linewidth=1)
    rmse, largest = np.sqrt(np.mean(error**2)), np.abs(error).max()
    below.set(xlabel="x", ylabel="network − $x^3$")
    below.set_title(f"RMSE {rmse:.3g}, largest error {largest:.3g}", fontsize=11, color=GREY)
    return figure


def learning_figure(history: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Draw training loss and grid RMSE by step on a log axis."""
    column = {name: [row[name] for row in history] for name in ("step", "loss", "rmse")}
    lines = {"training loss, mean $(y − f)^2$": column["loss"], "RMSE on the grid": column["rmse"]}
    figure = curves(
        title, column["step"], lines, x_label="gradient steps", y_label="loss, RMSE", log=True,
        markers=len(history) == 1, legend_at="upper right",
    )  # fmt: skip
    figure.axes[0].xaxis.set_major_formatter("{x:,.0f}")
    return figure


def animation(grid: Array, frames: Sequence[tuple[int, Array]]) -> list[Image.Image]:
    """Return the fit taking shape, a picture a frame, in one palette; the last one stays longer.

    What does not move is drawn once; each frame adds the points and the step to a copy of it.

    Args:
        grid: x, (points,).
        frames: (step, f(x) of shape (points,)) in order.
    """
    figure, (ax,) = new_figure(width=6, height=4.2)
    figure.set_dpi(100)
    ax.plot(grid, grid**3, color=RED, linewidth=2.5, label="$x^3$")
    (points,) = ax.plot(grid, frames[0][1], "o", color=BLUE, markersize=4, label="network")
    caption = ax.text(0.97, 0.05, "", ha="right", fontsize=13, transform=ax.transAxes)
    ax.set(xlabel="x", ylabel="y", ylim=(-9, 9))
    ax.legend(loc="upper left", fontsize=12, frameon=False)
    points.set_visible(False)
    caption.set_visible(False)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    points.set_visible(True)
    caption.set_visible(True)
    background = canvas.copy_from_bbox(figure.bbox)

    def render(step: int, fit: Array) -> Image.Image:
        canvas.restore_region(background)
        points.set_ydata(fit)
        caption.set_text(f"{step:,} steps")
        ax.draw_artist(points)
        ax.draw_artist(caption)
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])

    palette = render(*frames[-1]).quantize(COLOURS)
    images = [render(*f).quantize(palette=palette, dither=Image.Dither.NONE) for f in frames]
    return images + images[-1:] * LAST_FRAME_TIMES
