"""Make of a picture what a network was trained on, much as Fashion-MNIST was made.

The steps of Xiao, Rasul & Vollgraf, arXiv:1708.07747, section 3: gray, trimmed of what looks like
the corners, resized so that the longest edge has 28 pixels, centred on a square, negated, so that
the background is dark. Their photos have a white background. A user's photo has noise, shadows and
a gray wall, so here:

- the background is the median of the border, and becomes exactly 0;
- what differs from it by 5% of white, as in the paper, or by 4 times the border's own median
  deviation, is the object;
- the longest edge is resized with a filter (Lanczos), not by leaving out rows and columns.

The paper's sharpening, which made up for that, is left out.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

LIGHT = 128  # mean of a border that is light; a border in Fashion-MNIST has at most 108
CLOSE = 0.05 * 255  # difference from the background; the paper's
DEVIATIONS = 4  # from the background, in median deviations of the border
BORDER = 0.02  # its width, as a share of the shorter edge
CELLS = 168  # longest edge of the image in which the object is searched; averages hide noise
ROUNDS = 2  # the object is found, then found more exactly

Pixels = NDArray[np.uint8]
Number = TypeVar("Number", np.uint8, np.float64)


class Prepared(NamedTuple):
    """An image as the network sees it.

    Attributes:
        pixels: (side, side); the background is dark.
        inverted: whether it was inverted.
    """

    pixels: Pixels
    inverted: bool


def prepare(gray: Pixels, side: int, invert: bool | None = None) -> Prepared:
    """Return the picture `gray` (height, width) as an image of a test set.

    A picture that already has (side, side) pixels is only inverted, if need be.

    Args:
        gray: the picture; 0 is black.
        side: side of the images that the network was trained on.
        invert: whether to invert it; None: if its border is light.

    Raises:
        ValueError: nothing stands out from the background.
    """
    inverted = bool(_border(gray).mean() >= LIGHT) if invert is None else invert
    dark = 255 - gray if inverted else gray
    if dark.shape != (side, side):
        dark = _fitted(dark, side, inverted=inverted)
    elif dark.min() == dark.max():
        raise ValueError("this image is blank: all pixels are equal")
    return Prepared(dark, inverted)


def _fitted(dark: Pixels, side: int, *, inverted: bool) -> Pixels:
    """Return the object on a dark background, trimmed, resized and centred: (side, side)."""
    image = Image.fromarray(dark)
    cells, _ = _averaged(image)
    border = _border(cells)
    background = float(np.median(border))
    spread = float(np.median(np.abs(border - background)))
    least = background + max(CLOSE, DEVIATIONS * spread)
    for _ in range(ROUNDS):
        image = _trimmed(image, least, inverted=inverted)
    scale = side / max(image.size)
    width, height = (max(1, round(edge * scale)) for edge in image.size)
    small = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), float)
    stretched = (small - background) * (255 / (255 - background))
    top, left = (side - height) // 2, (side - width) // 2
    whole = np.zeros((side, side), np.uint8)
    whole[top : top + height, left : left + width] = np.rint(np.clip(stretched, 0, 255))
    return whole


def _trimmed(image: Image.Image, least: float, *, inverted: bool) -> Image.Image:
    """Cut off the edges of `image` where nothing is brighter than `least`."""
    cells, size = _averaged(image)
    bright = cells > least
    if not bright.any():
        what, other = ("darker", "--no-invert") if inverted else ("lighter", "--invert")
        raise ValueError(
            f"this image is blank: nothing in it is clearly {what} than its border (try {other})"
        )
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    # One cell more on each side: the average of a cell, and the median, can hide a fine line.
    left, top = max(0, columns[0] - 1) * size, max(0, rows[0] - 1) * size
    right, bottom = (columns[-1] + 2) * size, (rows[-1] + 2) * size
    return image.crop((left, top, min(right, image.width), min(bottom, image.height)))


def _averaged(image: Image.Image) -> tuple[NDArray[np.float64], int]:
    """Return means of square cells of pixels, without single bright or dark ones; a cell's side."""
    size = -(-max(image.size) // CELLS)
    smooth = image.reduce(size).filter(ImageFilter.MedianFilter(3))
    return np.asarray(smooth, float), size


def _border(image: NDArray[Number]) -> NDArray[Number]:
    """Return the pixels at the edges of `image` (height, width)."""
    width = max(1, round(BORDER * min(image.shape)))
    inside = np.zeros(image.shape, bool)
    inside[width:-width, width:-width] = True
    return image[~inside]
