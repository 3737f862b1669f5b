"""Photos of our own making: an image of the test set, large, on a background with noise."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def photo(
    image: NDArray[np.uint8], *, size: tuple[int, int] = (400, 300), background: float = 250,
    shade: float = 0, noise: float = 8,
) -> Image.Image:  # fmt: skip
    """Return an RGB photo of `image` (28, 28), in which its dark background is light.

    Args:
        image: an image of Fashion-MNIST.
        size: width and height of the photo, in pixels; the object takes 8 x 8 for each of its own.
        background: the gray level of the wall.
        shade: by how much the wall is darker on the left and lighter on the right.
        noise: standard deviation of the noise of each pixel and colour.
    """
    width, height = size
    wide = Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC)
    wall = np.full((height, width, 3), float(background))
    wall += np.linspace(-shade, shade, width)[:, None]
    top, left = (height - 224) // 2, (width - 224) // 2
    share = 1 - np.asarray(wide, float)[..., None] / 255
    wall[top : top + 224, left : left + 224] *= share
    wall += np.random.default_rng(0).normal(0, noise, wall.shape)
    return Image.fromarray(np.rint(np.clip(wall, 0, 255)).astype(np.uint8))
