"""The numbers and texts in the plots."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import scipy.linalg
from matplotlib.image import AxesImage

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.image_plots import (
    CELL,
    GAP,
    filters_figure,
    mistakes_figure,
    most_different,
    samples_figure,
)
from nnlab.fashion.plots import (
    accuracy_figure,
    loss_figure,
)
from nnlab.fashion.score_plots import calibration_figure, confusion_figure
from nnlab.fashion.scores import score


def test_only_mistakes_are_drawn_with_the_highest_probability_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    true = np.array([0, 0, 0, 1])
    figure = mistakes_figure(np.zeros((4, 28, 28)), true, probabilities, ["cat", "dog"], "test")
    said = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert said == ["said dog 80%", "said dog 60%"]
    assert figure.get_suptitle() == "test: the 2 surest of 2 mistakes in 4"
    figure.canvas.draw()
    title = figure.texts[0].get_window_extent()
    boxes: Any = [ax.get_tightbbox() for ax in figure.axes if ax.get_visible()]
    assert title.y0 > max(box.y1 for box in boxes)


def test_calibration_draws_accuracy_confidence_and_count_of_each_bin_with_images() -> None:
    confidence = np.array([0.55, 0.59, 0.95])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    found = score(np.array([0, 1, 0]), probabilities, np.zeros(3), ["cat", "dog"], "animals")
    top, below = calibration_figure(found, "animals").axes
    bars: Any = [[bar.get_x(), bar.get_height(), bar.get_width()] for bar in top.patches]  # type: ignore[attr-defined]
    np.testing.assert_allclose(bars, [[8 / 15, 0.5, 1 / 15], [14 / 15, 1, 1 / 15]])
    np.testing.assert_allclose(np.asarray(top.lines[1].get_xydata()), [[0.57, 0.5], [0.95, 1]])
    np.testing.assert_allclose(np.asarray(top.lines[0].get_xydata()), [[0, 0], [1, 1]])
    assert [text.get_text() for text in below.texts] == ["2", "1"]
    many = np.array([0.95] * 10 + [0.55])
    found = score(
        np.array([0] * 10 + [1]), np.stack([many, 1 - many], axis=1), np.zeros(11),
        ["cat", "dog"], "animals",
    )  # fmt: skip
    figure = calibration_figure(found, "animals")
    bars = figure.axes[0].patches
    pale, full = (bar.get_alpha() or 1 for bar in bars)
    assert pale < full  # one image, ten images
    ends = [list(map(tuple, part)) for part in figure.axes[0].collections[0].get_segments()]  # type: ignore[attr-defined]
    np.testing.assert_allclose(ends[0], [(8 / 15, 0), (9 / 15, 0)])  # the bar of height 0
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
    error = (2 * 0.07 + 0.05) / 3
    said = f"animals\nexpected calibration error {error:.4f} on 3 test images"
    assert top.get_title() == said


def tiles(rows: Sequence[AxesImage]) -> np.ndarray:
    """Return the colours of the images' upper left pixels in a drawing, (rows, columns, 4)."""
    drawn = np.array([row.get_array() for row in rows])
    assert not drawn[:, CELL:].any()  # transparent
    assert not drawn[:, :, CELL :: CELL + GAP].any()
    return drawn[:, 0, :: CELL + GAP]


def test_samples_are_drawn_with_their_labels_above_what_the_network_is_shown() -> None:
    images = np.full((13, 8, 8), np.arange(13)[:, None, None] / 13)
    labels, names = np.arange(13)[::-1], [f"class {k}" for k in range(13)]
    (ax, bar) = samples_figure(images, images + 0.05, labels, names, "a title", "a note").axes
    first, second = tiles(ax.images[:2]), tiles(ax.images[2:])
    grey, shades = mpl.colormaps["gray_r"], np.arange(13) / 13
    rows = np.array(grey([shades, shades + 0.05], bytes=True))  # (2, 13, 4)
    np.testing.assert_array_equal(first, rows[:, :11])
    np.testing.assert_array_equal(second, rows[:, 11:])
    assert [text.get_text() for text in ax.texts] == names[::-1]
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights[0] == heights[10] < heights[11] == heights[12]
    assert bar.get_xlabel() == "pixel / 255"
    (ax, _) = samples_figure(images[:3], None, labels[:3], names, "a title", "a note").axes
    assert tiles(ax.images).shape == (1, 3, 4)


def test_filters_are_drawn_beside_their_maps_and_0_is_in_the_middle_of_the_colours() -> None:
    rng = np.random.default_rng(0)
    kernels, maps = rng.normal(size=(3, 3, 12)), rng.random(size=(4, 7, 7, 12))
    maps[..., 5] = 0  # never answers
    names = ["cat", "dog", "cow", "\N{HIRAGANA LETTER A}"]
    ax, *bars = filters_figure(
        kernels, np.zeros((4, 28, 28)), maps, np.arange(4), names, "a title"
    ).axes
    weights, activations = tiles(ax.images[1:11]), tiles(ax.images[11:])
    rows = [tick.get_text() for tick in ax.get_yticklabels()]
    assert rows[0] == "image"
    chosen = [int(name) - 1 for name in rows[1:]]
    assert len(set(chosen)) == len(chosen) == 10
    assert 5 not in chosen
    shares = (kernels[0, 0] / np.abs(kernels).max(axis=(0, 1)))[chosen]  # -1 to 1
    colours = mpl.colormaps["RdBu_r"]((shares + 1) / 2, bytes=True)
    np.testing.assert_array_equal(weights[:, 0], colours)
    largest = maps.max(axis=(0, 1, 2))
    shares = (maps[:, 0, 0, chosen] / largest[chosen]).T
    np.testing.assert_array_equal(activations, mpl.colormaps["Blues"](shares, bytes=True))
    assert [text.get_text() for text in ax.texts] == [f"{largest[k]:.2f}" for k in chosen]
    columns = [tick.get_text() for tick in ax.get_xticklabels()]
    assert columns == ["filter", *names[:3], "class 3", "largest"]
    assert [bar.get_xlabel() for bar in bars] == [
        "weight / largest of its filter", "activation after relu / largest of its row",
    ]  # fmt: skip
    assert "10 of 12" in ax.figure.get_suptitle()


def test_one_filter_that_never_answers_can_be_drawn() -> None:
    dead = filters_figure(
        np.zeros((2, 2, 1)),
        np.ones((1, 8, 8)),
        np.zeros((1, 4, 4, 1)),
        np.array([1]),
        ["cat", "dog"],
        "a title",
    )
    assert "1 of 1" in dead.get_suptitle()
    middle = mpl.colormaps["RdBu_r"](0.5, bytes=True)
    np.testing.assert_array_equal(tiles(dead.axes[0].images[1:2]), [[middle]])


def test_the_filters_that_differ_most_are_the_pivots_of_scipys_qr() -> None:
    rng = np.random.default_rng(2)
    maps = np.maximum(rng.normal(size=(5, 6, 6, 20)) * rng.random(20) * 9, 0)
    maps[..., 7] = 2 * maps[..., 3]  # explained by it
    centred = maps.reshape(-1, 20) - maps.reshape(-1, 20).mean(axis=0)
    _, pivots = scipy.linalg.qr(centred, mode="r", pivoting=True)
    np.testing.assert_array_equal(most_different(maps, 12), pivots[:12])
    assert set(most_different(maps, 99)) == set(range(20))


def test_confusion_has_recall_precision_and_accuracy_at_its_edges() -> None:
    counts = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 4]])
    figure = confusion_figure(counts, ["cat", "dog", "cow"], "test")
    (ax, _) = figure.axes
    said = {text.get_position(): text.get_text() for text in ax.texts}
    assert [said[3.2, row] for row in range(3)] == ["75%", "-", "67%"]  # recall
    assert [said[column, 3.2] for column in range(3)] == ["60%", "0%", "100%"]  # precision
    assert said[3.2, 3.2] == "70%"
    assert [tick.get_text() for tick in ax.get_xticklabels()][-1] == "recall"
    assert [tick.get_text() for tick in ax.get_yticklabels()][-1] == "precision"


def test_the_test_accuracy_is_a_line_with_its_value() -> None:
    history = [{"epoch": 1, "loss": 1.0, "accuracy": 0.5}]
    (ax,) = accuracy_figure(history, "training", "", 0.9067).axes
    assert list(np.asarray(ax.lines[-1].get_ydata())) == [0.9067, 0.9067]
    assert [text.get_text() for text in ax.texts] == ["test\n0.9067"]


def test_curves_say_how_training_is_measured_and_need_no_validation() -> None:
    history = [{"epoch": e, "loss": 1 / e, "accuracy": 1 - 0.5 / e} for e in (1, 2, 3)]
    figure = accuracy_figure(history, FashionConfig(augment=("flip",)).training_mode, " (sample)")
    (ax,) = figure.axes
    assert [str(line.get_label()) for line in ax.lines] == [
        "training (with dropout and augmentation)"
    ]
    assert ax.get_title() == "model accuracy (sample)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epochs", "accuracy")
    assert loss_figure(history, "training", "").axes[0].get_ylabel() == "loss (nats)"
    bare = FashionConfig(conv_dropout=0.0, hidden=0)
    assert bare.training_mode == "training"
    validated = [row | {"val_accuracy": 0.5} for row in history]
    (ax,) = accuracy_figure(validated, bare.training_mode, "").axes
    assert [str(line.get_label()) for line in ax.lines] == ["training", "validation"]


@pytest.mark.parametrize(
    ("classes", "numbers", "names"), [(26, True, 26), (47, False, 47), (256, False, 64)]
)
def test_a_confusion_of_many_classes_has_fewer_numbers_and_names(
    classes: int, numbers: bool, names: int
) -> None:
    counts = 9 * np.eye(classes, dtype=int)
    figure = confusion_figure(counts, [f"name {k}" for k in range(classes)], "test")
    (ax, bar) = figure.axes
    assert len(ax.texts) == (classes + 2 * classes + 1 if numbers else 0)
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert shown[:names] == [f"name {k}" for k in range(0, classes, -(-classes // names))]
    assert shown[names:] == ["recall"] * numbers
    assert max(figure.get_size_inches()) <= 13
    assert bar.get_ylim() == (0, 1)


def test_names_from_outside_are_drawn_as_they_are() -> None:
    """A formula would be drawn as one, or stop the run; a missing letter would be a warning."""
    names = [r"$\frac{$", "\N{HIRAGANA LETTER A}", "a?b", "a $ for 2 $", "x" * 60]
    title = r"own data ($\frac{$ " + "\N{HIRAGANA LETTER A})"
    figure = confusion_figure(np.eye(5, dtype=int), names, title)
    figure.savefig(io.BytesIO())
    (ax, _) = figure.axes
    shown = [tick.get_text() for tick in ax.get_xticklabels()]
    assert shown[:4] == [r"\$\frac{\$", "class 1", "a?b", r"a \$ for 2 \$"]
    assert len(shown[4]) == 20
    assert ax.get_title() == r"own data (\$\frac{\$ ?)"
