"""The style of all plots, and the line plot that all experiments use.

Functions turn arrays into a matplotlib Figure; `write_png` writes it. They do not use pyplot, which
keeps global state and starts slowly, and write formulas in Unicode (x³, 10⁻²): Matplotlib's own
formulas between dollar signs cost 0.1 s in a small program.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import LogFormatterSciNotation
from PIL import Image, ImageFont
from PIL.PngImagePlugin import PngInfo

from nnlab.text import clipped

# Ignore every matplotlibrc, so that a run's plots look the same for all users. (nnlab.cli.guard
# cannot: matplotlib first looks for one in the working directory.)
mpl.rcdefaults()

# Paul Tol's "vibrant" palette: readers with any common colour blindness can tell these apart.
BLUE, ORANGE, TEAL, RED, GREY = "#0077BB", "#EE7733", "#009988", "#CC3311", "#666666"
CYAN, MAGENTA = "#33BBEE", "#EE3377"
GRID = "#dddddd"

MOST_LETTERS = 20  # of a name in a picture
LOWEST, HIGHEST = 1e-150, 1e150  # of what is drawn: matplotlib needs room to compute its axes
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def new_figure(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 7.0,
    height: float = 4.5,
    ratios: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, row by row; width and height in inches, at 120 dpi."""
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        rows, columns, squeeze=False, gridspec_kw={"height_ratios": ratios or [1] * rows}
    )
    for ax in axes.flat:
        tidy(ax)
    return figure, list(axes.flat)


def tidy(ax: Axes) -> None:
    """Set the style of `ax`: no box, a faint grid behind the data, text readable when small."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=True, color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=11)
    ax.xaxis.label.set_fontsize(12)
    ax.yaxis.label.set_fontsize(12)


def write_png(figure: Figure, file: IO[bytes], made_by: str = "") -> None:
    """Write `figure` to `file` as a PNG, whose text "Software" is `made_by`.

    `figure.savefig` would draw the figure twice, the first time for its layout.
    """
    text = PngInfo()
    if made_by:
        text.add_text("Software", made_by)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn(canvas).save(file, "PNG", dpi=(figure.dpi, figure.dpi), pnginfo=text)


def drawn(canvas: FigureCanvasAgg) -> Image.Image:
    """Return what is drawn on `canvas` as an RGB image."""
    size = canvas.get_width_height()
    return Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")


def powers(axis: Axis) -> None:
    """Give a logarithmic axis labels like 10⁻². Setting the scale again takes them away."""
    axis.set_major_formatter(Powers())
    axis.set_minor_formatter(Powers())


class Powers(LogFormatterSciNotation):
    """The labels of a logarithmic axis in Unicode: 10⁻², 2×10⁻², or none."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of `x`."""
        formula = super().__call__(x, pos).replace(r"\times", "×")
        raised = re.sub(r"\^\{(.+?)\}", lambda power: power[1].translate(RAISED), formula)
        return re.sub(r"\\mathdefault|[${}]", "", raised)


def pillow_font(pixels: float) -> ImageFont.FreeTypeFont:
    """Return the font of the pictures for Pillow."""
    return ImageFont.truetype(findfont(FontProperties()), pixels)


def curves(
    title: str,
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    log: bool = False,
    markers: bool = False,
) -> Figure:
    """Draw up to four named lines over the same x; `log` makes the y axis logarithmic."""
    figure, (ax,) = new_figure()
    for (name, y), colour, style in zip(
        lines.items(), (BLUE, ORANGE, TEAL, RED), ("-", "--", "-.", ":"), strict=False
    ):
        ax.plot(x, y, style, color=colour, label=name, linewidth=2, marker="o" if markers else None)
    ax.set(title=literal(title), xlabel=x_label, ylabel=y_label)
    if log:
        ax.set_yscale("log")
        powers(ax.yaxis)
    legend(figure)
    return figure


def legend(figure: Figure, columns: int = 3) -> None:
    """Put the legend below the axes: inside them it could cover a line."""
    figure.legend(
        loc="outside lower center", ncols=columns, fontsize=11, frameon=False, handlelength=3
    )


def literal(text: str) -> str:
    """Return `text` from outside as a picture can show it.

    matplotlib would read a part between dollar signs as a formula, and warn of letters that its
    font lacks; these become question marks.
    """
    known = _letters()
    return "".join(c if c in known else "?" for c in text).replace("$", r"\$")


def literal_names(names: Sequence[str], most: int = MOST_LETTERS) -> list[str]:
    """Return names of classes for a picture: `literal` and short.

    A name with a letter that the font lacks becomes the number of its class, from 0.
    """
    return [
        literal(clipped(name, most)) if _letters().issuperset(name) else f"class {index}"
        for index, name in enumerate(names)
    ]


@cache
def _letters() -> frozenset[str]:
    """Return the letters that the font of the pictures has."""
    return frozenset(map(chr, get_font(findfont(FontProperties())).get_charmap()))
