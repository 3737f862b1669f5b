"""The numbers and texts in the plots."""

import io

import numpy as np
import pytest

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.plots import (
    accuracy_figure,
    confusion_figure,
    mistakes_figure,
)


def test_only_mistakes_are_drawn_with_the_highest_probability_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    true = np.array([0, 0, 0, 1])
    figure = mistakes_figure(np.zeros((4, 28, 28)), true, probabilities, ["cat", "dog"], "test")
    said = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert said == ["said dog 80%", "said dog 60%"]
    assert figure.get_suptitle() == "test: the 2 surest of 2 mistakes in 4"


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
