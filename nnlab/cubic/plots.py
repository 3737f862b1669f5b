"""The pictures of `nnlab cubic`: the fit, how it was learned, and the fit taking shape."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from nnlab.cubic.network import Array
from nnlab.plots import BLUE, GREY, RED, curves, legend, new_figure

FRAME_MS, LAST_FRAME_TIMES = 70, 30  # milliseconds a frame, how often the last is repeated
COLOURS = 48  # of the GIF: two hues with their blends into white, and greys
HIGHEST = 16.0  # that the GIF shows of |f|, so that one wild frame leaves the others their height
FEW = 20  # points of a curve, from which on each of them is no longer marked


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
    legend(figure)
    below.axhline(0, color=RED, linewidth=1.5)
    below.plot(grid, error, "o-", color=BLUE, markersize=3, linewidth=1)
    rmse, largest = np.sqrt(np.mean(error**2)), np.abs(error).max()
    below.set(xlabel="x", ylabel="network − $x^3$")
    below.set_title(f"RMSE {rmse:.3g}, largest error {largest:.3g}", fontsize=11, color=GREY)
    return figure


def learning_figure(history: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Draw two RMSEs by step on a log axis: over the training points, and over the grid.

    That of training is the root of the logged loss, so of each point before its own step.
    """
    lines = {
        "training points since the last log point": [math.sqrt(row["loss"]) for row in history],
        "grid": [row["rmse"] for row in history],
    }
    figure = curves(
        title, [row["step"] for row in history], lines, x_label="gradient steps",
        y_label="RMSE of the network to $x^3$", log=True, markers=len(history) < FEW,
    )  # fmt: skip
    figure.axes[0].xaxis.set_major_formatter("{x:,.0f}")
    return figure


def animation(grid: Array, frames: Sequence[tuple[int, Array]]) -> list[Image.Image]:
    """Return the fit taking shape beside its RMSE on the grid, a picture a frame, in one palette.

    What does not move is drawn once; each frame adds what does to a copy of it. The last frame
    stays longer.

    Args:
        grid: x, (points,).
        frames: (step, f(x) of shape (points,)) in order.
    """
    steps, fits = [step for step, _ in frames], np.array([fit for _, fit in frames])
    rmse = np.sqrt(np.mean((fits - grid**3) ** 2, axis=1))  # (frames,)
    figure, (left, right) = new_figure(1, 2, width=8, height=3.8)
    figure.set_dpi(100)
    top = 1.1 * np.clip(np.abs(fits).max(), 8, HIGHEST)
    left.plot(grid, grid**3, color=RED, linewidth=2.5, label="$x^3$")
    (points,) = left.plot(grid, fits[0], "o", color=BLUE, markersize=4, label="network")
    left.set(title=" ", xlabel="x", ylabel="y", ylim=(-top, top))
    (curve,) = right.plot(steps, rmse, "o-", color=BLUE, markersize=3, linewidth=1.5)
    right.set(title=" ", xlabel="gradient steps", yscale="log")
    right.xaxis.set_major_locator(MaxNLocator(3))
    right.xaxis.set_major_formatter("{x:,.0f}")
    legend(figure)
    moving = (points, curve, left.title, right.title)
    for artist in moving:
        artist.set_animated(True)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)

    def render(frame: int) -> Image.Image:
        canvas.restore_region(background)
        points.set_ydata(fits[frame])
        curve.set_data(steps[: frame + 1], rmse[: frame + 1])
        left.set_title(f"step {steps[frame]:,}")
        right.set_title(f"RMSE on the grid {rmse[frame]:.3g}")
        for artist in moving:
            (artist.axes or left).draw_artist(artist)
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])

    both = np.concatenate([np.asarray(render(frame)) for frame in (0, len(frames) - 1)])
    palette = Image.fromarray(both).quantize(COLOURS)  # points that hide the curve lack its red
    images = [
        render(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in range(len(frames))
    ]
    return images + images[-1:] * LAST_FRAME_TIMES
