"""The style of all pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from nnlab.plots import legend, literal, new_figure, powers, write_png


@pytest.mark.parametrize(
    ("low", "high", "some"),
    [(2e-4, 3e3, {"10⁻³", "10⁰", "10²"}), (2, 7, {"3×10⁰"}), (1e-17, 1e2, {"10⁻¹⁴"})],
)
def test_labels_of_a_logarithmic_axis_are_unicode(low: float, high: float, some: set[str]) -> None:
    figure, (ax,) = new_figure()
    ax.set(yscale="log", ylim=(low, high))
    powers(ax.yaxis)
    figure.canvas.draw()
    labels = {label.get_text() for label in ax.get_yticklabels(which="both")}
    assert some <= labels
    assert all(literal(label) == label for label in labels)  # the font has every letter


def test_a_picture_is_that_of_savefig() -> None:
    images = []
    for with_savefig in (False, True):
        figure, (top, below) = new_figure(2)
        top.plot([0, 1], [1e3, -1e5], label="a line")
        below.set(title="a title", xlabel="x", ylabel="a label")
        legend(figure)
        file = io.BytesIO()
        if with_savefig:
            figure.savefig(file)
        else:
            write_png(figure, file, "nnlab")
        images.append(Image.open(file))
    ours, theirs = (np.asarray(image.convert("RGB")) for image in images)
    assert np.array_equal(ours, theirs)
    assert images[0].info["Software"] == "nnlab"
    assert images[0].info["dpi"] == images[1].info["dpi"]
