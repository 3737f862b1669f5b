"""Find image files, and read each as gray pixels. A file may be damaged, huge or malicious."""

import warnings
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nnlab import inputs
from nnlab.errors import DataError, UsageError
from nnlab.paths import expanded
from nnlab.text import clipped, printable

SUFFIXES = (".png", ".jpg", ".jpeg")
FORMATS = ("PNG", "JPEG")
MOST_BYTES = 256 << 20
MOST_PIXELS = 64_000_000  # a photo of a phone has up to 50 million
MOST_EDGE = 65_500  # pixels: no JPEG has more, and Pillow takes memory for each row
ENOUGH = 512  # pixels of an edge; a larger image is made smaller, to save memory and time
TILE = 64  # pixels of an edge, after that: the part that is made gray and smaller at once
LEVELS, HALF = 257, 128  # of 16 bits to one of 8 bits


def find(texts: Iterable[str]) -> list[Path]:
    """Return the image files that are meant: files, and the PNG and JPEG files of folders by name.

    Raises:
        UsageError: there is no such file, or a folder has no such images.
    """
    return [path for text in texts for path in _files(expanded(Path(text)))]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise UsageError(f"{printable(path)}: no such file")
        return [path]
    images = sorted(
        each
        for each in path.iterdir()
        if each.suffix.lower() in SUFFIXES and not each.name.startswith(".")
    )
    if not images:
        raise UsageError(f"{printable(path)}: this folder has no {', '.join(SUFFIXES)} files")
    return images


def read_gray(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of an image as people see it, in gray: 0 is black; (height, width).

    Colours become their brightness, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). What is transparent
    is white. A photo is turned as its camera says (EXIF). A large image is made smaller.

    Raises:
        DataError: it is not a PNG or JPEG image, is damaged, or has too many pixels.
    """
    name = printable(path)
    try:
        with inputs.open_plain(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about what we check or can ignore
            inputs.check_size(file, MOST_BYTES, "an image")
            with Image.open(file, formats=FORMATS) as image:
                _check_pixels(image)
                return _gray(image)
    except UnidentifiedImageError:
        raise DataError(f"{name}: this is not a PNG or JPEG image") from None
    except Image.DecompressionBombError:
        raise DataError(f"{name}: {_too_many('')}") from None
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001 - a damaged image can fail in any way
        why = getattr(fault, "strerror", None) or clipped(str(fault), 200)
        raise DataError(f"{name}: {why or 'this image is damaged'}") from None


def _check_pixels(image: Image.Image) -> None:
    """Refuse an image that is too large, by its header, before it is decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(_too_many(f"{image.width:,} x {image.height:,} = "))
    if max(image.size) > MOST_EDGE:
        raise ValueError(f"an edge has more than {MOST_EDGE:,} pixels; make it smaller first")


def _too_many(found: str) -> str:
    return f"too many pixels ({found}more than {MOST_PIXELS:,}); make it smaller first"


def _gray(image: Image.Image) -> NDArray[np.uint8]:
    """Make an image gray and smaller, tile by tile: a whole one would take 13 bytes a pixel."""
    image.draft(image.mode, (ENOUGH, ENOUGH))
    image.load()
    width, height = image.size
    factor = max(1, max(width, height) // ENOUGH)
    side = TILE * factor
    gray = Image.new("L", (-(-width // factor), -(-height // factor)))
    for top, left in product(range(0, height, side), range(0, width, side)):
        tile = image.crop((left, top, min(left + side, width), min(top + side, height)))
        gray.paste(_brightness(tile).reduce(factor), (left // factor, top // factor))
    gray.info = image.info  # it says how the camera was turned
    turned: Any = ImageOps.exif_transpose(gray)
    return np.asarray(turned)


def _brightness(tile: Image.Image) -> Image.Image:
    """Return a part of an image in gray, 8 bits a pixel, on white."""
    if tile.mode.startswith("I"):  # 16 bits; Pillow would clip them to 8
        levels = (np.asarray(tile).astype(np.uint32) + HALF) // LEVELS
        return Image.fromarray(levels.astype(np.uint8))
    if tile.has_transparency_data:
        white = Image.new("RGBA", tile.size, "white")
        tile = Image.alpha_composite(white, tile.convert("RGBA"))
    return tile.convert("L")
