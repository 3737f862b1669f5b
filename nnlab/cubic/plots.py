"""The figures of `nnlab cubic`: the fit, the learning curves, and an animation of the fit."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image, ImageColor, ImageDraw

from nnlab.cubic.metrics import METRICS
from nnlab.cubic.network import Array
from nnlab.metric import axis_label
from nnlab.plots import BLUE, GREY, RED, curves, drawn, legend, new_figure, pillow_font, powers
from nnlab.thinning import thinned

FRAME_MS, LAST_FRAME_TIMES = 70, 30  # duration of a frame in ms; repeats of the last frame
SHADES = 16  # of each colour in the GIF, from white on; 16 greys have that of the grid
HIGHEST = 16.0  # limit of the GIF's y axis, so that one wild frame does not flatten the others
DECADE = 10
FEW = 20  # a curve with fewer points has a marker at each point


def fit_figure(grid: Array, fit: Array, title: str) -> Figure:
    """Draw the predictions as points on the red curve x^3, and the error f - y below it.

    Args:
        grid: x, (points,).
        fit: f(x), (points,).
        title: title of the figure.
    """
    figure, (top, below) = new_figure(2, height=6, ratios=(3, 1))
    error = fit - grid**3
    top.plot(grid, fit, "o", color=BLUE, markersize=5.5, label="network")
    top.plot(grid, grid**3, color=RED, linewidth=1.8, label="x³")
    top.set(title=title, ylabel="y")
    legend(figure)
    below.axhline(0, color=RED, linewidth=1.5)
    below.plot(grid, error, "o-", color=BLUE, markersize=3, linewidth=1)
    rmse, largest = np.sqrt(np.mean(error**2)), np.abs(error).max()
    below.set(xlabel="x", ylabel="network − x³")
    below.set_title(f"RMSE {rmse:.3g}, largest error {largest:.3g}", fontsize=11, color=GREY)
    return figure


def learning_figure(columns: Mapping[str, Sequence[float]], title: str) -> Figure:
    """Draw two RMSEs over the steps: on the training points and on the grid.

    The y axis is logarithmic if the values are more than a decade apart.

    The training RMSE is the square root of the logged loss. It uses the prediction for each point
    before the step that trained on it.

    Args:
        columns: step, loss and rmse of each log point, at least one.
        title: title of the figure.
    """
    kept = thinned([columns["loss"], columns["rmse"]])
    lines = {
        "training points since the last log point": [math.sqrt(columns["loss"][i]) for i in kept],
        "grid": [columns["rmse"][i] for i in kept],
    }
    values = [value for line in lines.values() for value in line]
    figure = curves(
        f"RMSE to x³: {title}", [columns["step"][i] for i in kept], lines,
        x_label=axis_label(METRICS, "step"), y_label=axis_label(METRICS, "rmse"),
        log=max(values) > DECADE * min(values), markers=len(kept) < FEW,
    )  # fmt: skip
    figure.axes[0].xaxis.set_major_locator(
        MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    figure.axes[0].xaxis.set_major_formatter("{x:,.0f}")
    return figure


def animation(grid: Array, frames: Sequence[tuple[int, Array]]) -> Iterator[Image.Image]:
    """Yield the frames of the animation: on the left the fit, on the right its RMSE on the grid.

    The static parts of the figure are drawn once; each frame draws its moving parts on a copy. Its
    titles are written by Pillow, in a twentieth of Matplotlib's time. All frames have the same
    palette. The last frame is repeated, so that it stays visible longer.

    Args:
        grid: x, (points,).
        frames: (step, f(x) with shape (points,)) in order.
    """
    steps, fits = [step for step, _ in frames], np.array([fit for _, fit in frames])
    rmse = np.sqrt(np.mean((fits - grid**3) ** 2, axis=1))  # (frames,)
    figure, (left, right) = new_figure(1, 2, width=8, height=3.8)
    figure.set_dpi(100)
    top = 1.1 * np.clip(np.abs(fits).max(), 8, HIGHEST)
    left.plot(grid, grid**3, color=RED, linewidth=2.5, label="x³")
    (points,) = left.plot(grid, fits[0], "o", color=BLUE, markersize=4, label="network")
    left.set(title=" ", xlabel="x", ylabel="y", ylim=(-top, top))
    (curve,) = right.plot(steps, rmse, "o-", color=BLUE, markersize=3, linewidth=1.5)
    right.set(title=" ", xlabel=axis_label(METRICS, "step"))
    right.set_yscale("log")
    powers(right.yaxis)
    right.xaxis.set_major_locator(MaxNLocator(3))
    right.xaxis.set_major_formatter("{x:,.0f}")
    legend(figure)
    for line in (points, curve):
        line.set_animated(True)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    letters = pillow_font(float(left.title.get_fontsize()) * figure.dpi / 72)
    palette = _palette()
    places = [_place_of_title(figure, ax) for ax in (left, right)]

    def render(frame: int) -> Image.Image:
        canvas.restore_region(background)
        points.set_ydata(fits[frame])
        curve.set_data(steps[: frame + 1], rmse[: frame + 1])
        left.draw_artist(points)
        right.draw_artist(curve)
        image = drawn(canvas)
        titles = f"step {steps[frame]:,}", f"RMSE on the grid {rmse[frame]:.3g}"
        for place, title in zip(places, titles, strict=True):
            ImageDraw.Draw(image).text(place, title, "black", letters, anchor="ms")
        return image.quantize(palette=palette, dither=Image.Dither.NONE)

    for image in map(render, range(len(frames))):
        yield image
    yield from [image] * LAST_FRAME_TIMES


def _palette() -> Image.Image:
    """Return an image with the palette of the animation: the colours and their blends with white.

    A median cut of the frames would lose the red of a curve that the fit hides.
    """
    ends = np.array([ImageColor.getrgb(colour) for colour in (BLUE, RED, "black")])  # (3, 3)
    parts = np.linspace(0, 1, SHADES)[:, None, None]
    shades = 255 + parts * (ends - 255)  # (shades, colours, RGB)
    image = Image.new("P", (1, 1))
    image.putpalette(shades.round().astype(np.uint8).tobytes())
    return image


def _place_of_title(figure: Figure, ax: Axes) -> tuple[float, float]:
    """Return the middle of the baseline of the title of `ax`, in pixels from the top left."""
    x, y = ax.title.get_transform().transform(ax.title.get_position())
    return float(x), float(figure.bbox.height - y)
