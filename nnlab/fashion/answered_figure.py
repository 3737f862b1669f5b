"""A picture of the answers to images."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlab.fashion.answered import Guess, Seen
from nnlab.plots import BLUE, GREY, ORANGE, literal, literal_names, new_figure
from nnlab.text import clipped, printable

MOST_LETTERS = 14  # of the name of a class


def figure(answered: Sequence[tuple[Seen, Sequence[Guess]]], classes: Sequence[str]) -> Figure:
    """Draw each image as the network saw it, and bars of its most likely classes beside it.

    Args:
        answered: the images, each with its most likely classes, the best first.
        classes: the name of every class.
    """
    shown = dict(zip(classes, literal_names(classes, MOST_LETTERS), strict=True))
    across = min(2, len(answered))
    down = -(-len(answered) // across)
    drawn, axes = new_figure(down, 2 * across, width=5.5 * across, height=1.9 * down + 0.6)
    for index, (image, guesses) in enumerate(answered):
        _draw_pixels(axes[2 * index], image, shown)
        _draw_bars(axes[2 * index + 1], image, guesses, shown)
    for ax in axes[2 * len(answered) :]:
        ax.remove()
    title = "What the network saw, and its most likely classes"
    if any(image.label for image, _ in answered):
        title += " (orange: the true one)"
    drawn.suptitle(title, fontsize=13)
    return drawn


def _draw_pixels(ax: Axes, image: Seen, shown: Mapping[str, str]) -> None:
    ax.imshow(image.pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_axis_off()
    name = literal(clipped(printable(image.name), 32))
    title = f"test image {name}: {shown[image.label]}" if image.label else name
    ax.set_title(title, fontsize=10)


def _draw_bars(ax: Axes, image: Seen, guesses: Sequence[Guess], shown: Mapping[str, str]) -> None:
    names = [shown[guess.name] for guess in guesses]
    colours = [ORANGE if guess.name == image.label else BLUE for guess in guesses]
    shares = [guess.probability for guess in guesses]
    ax.barh(range(len(names)), shares, color=colours)
    for row, share in enumerate(shares):
        ax.annotate(
            f"{share:.2f}", (share, row), (3, 0), textcoords="offset points", va="center",
            fontsize=10, color=GREY,
        )  # fmt: skip
    ax.set_yticks(range(len(names)), names, fontsize=11)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.18), xticks=(0, 0.5, 1))
    ax.set_xlabel("probability", fontsize=10)
    ax.grid(visible=False, axis="y")
