"""What to look for in the pictures of `nnlab check`."""

CAPTIONS = {
    "blocks.png": "The relative error of each block of the gradient. A right gradient has all its "
    "points below their bars, near the rounding error.",
    "steps.png": "The error of each numerical derivative over its step size h. Central differences "
    "make a V: at its left rounding grows, at its right the truncation of the series.",
}
