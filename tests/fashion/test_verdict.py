"""The verdict on a training is one line with the reason."""

import numpy as np
import pytest

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import CLASSES, class_places
from nnlab.fashion.verdict import verdict

ROW = {"epoch": 3, "loss": 0.4, "accuracy": 0.9}
GUESSING = {"epoch": 3, "loss": 2.3026, "accuracy": 0.101}


def counts(right: int, images: int = 500) -> np.ndarray:
    """Return a confusion matrix of `images` images, `right` of them on the diagonal."""
    matrix = np.zeros((10, 10), int)
    for k in range(images):
        matrix[k % 10, k % 10 if k < right else (k + 1 + k // 10 % 9) % 10] += 1
    return matrix


def test_a_verdict_names_the_accuracy_of_chance() -> None:
    learned, line = verdict(FashionConfig(), ROW, counts(430), CLASSES, 1000)
    assert (learned, line) == (True, "learned: test accuracy 0.8600 (chance 0.1000)")


def test_little_above_chance_is_learned_in_part() -> None:
    _, line = verdict(FashionConfig(), ROW | {"accuracy": 0.2}, counts(100), CLASSES, 1000)
    assert line == "learned in part: test accuracy 0.2000 (chance 0.1000)"


def test_overfitting_is_named() -> None:
    _, line = verdict(FashionConfig(), ROW | {"accuracy": 0.99}, counts(430), CLASSES, 1000)
    assert line.endswith("; the training accuracy is higher: 0.9900")


@pytest.mark.parametrize(
    ("images", "right", "learned"),
    [(500, 70, False), (500, 71, True), (10_000, 1090, False), (10_000, 1091, True)],
)
def test_chance_has_a_width(images: int, right: int, learned: bool) -> None:
    """Three standard errors: sqrt(0.09 / 500) is 0.0134, sqrt(0.09 / 10,000) is 0.003."""
    assert verdict(FashionConfig(), ROW, counts(right, images), CLASSES, 1000).learned is learned


@pytest.mark.parametrize(
    ("config", "row", "steps", "said"),
    [
        (FashionConfig(), GUESSING, 63, "63 steps are too few"),
        (
            FashionConfig(lr=0.1),
            GUESSING,
            500,
            "2.303 is not below that of guessing, 2.303 (lr 0.1)",
        ),
        (
            FashionConfig(lr=1000),
            GUESSING | {"loss": 2.7e16},
            50,
            "(lr 1000): the training loss 2.7e+16 is far above that of guessing, 2.303",
        ),
        (FashionConfig(), ROW, 500, "it learned only its training images (accuracy 0.9000)"),
        (FashionConfig(ema=0.9999), ROW, 500, "(ema 0.9999) still contains the initial weights"),
    ],
)
def test_a_reason(config: FashionConfig, row: dict[str, float], steps: int, said: str) -> None:
    learned, line = verdict(config, row, counts(50), CLASSES, steps)
    assert not learned
    assert line.startswith("not learned: test accuracy 0.1000 is no better than chance, 0.1000")
    assert said in line


def test_one_class_for_all() -> None:
    matrix = np.zeros((10, 10), int)
    matrix[:, 6] = 50
    assert (
        "because it predicts Shirt for almost every image"
        in verdict(FashionConfig(), GUESSING, matrix, CLASSES, 500).line
    )


def test_chance_is_the_most_frequent_class() -> None:
    """With 90 of 100 images in one class, 0.9 is guessing, and so is a loss of 0.325 nats."""
    guessed = np.array([[90, 0], [10, 0]])
    names, row = ("cat", "dog"), {"epoch": 3, "loss": 0.326, "accuracy": 0.9}
    learned, line = verdict(FashionConfig(), row, guessed, names, 500)
    assert not learned
    assert line.startswith("not learned: test accuracy 0.9000 is no better than chance, 0.9000")
    assert "it predicts cat for almost every image" in line
    assert "the training loss 0.326 is not below that of guessing, 0.3251 (lr 0.001)" in line
    assert verdict(FashionConfig(), row, np.array([[90, 0], [0, 10]]), names, 500).learned


def test_the_class_at_the_end_of_each_epoch_is_named() -> None:
    config = FashionConfig(shuffle=False, order="by-class", seed=1)
    last = int(class_places(config, 10).argmax())
    for label in (last, last - 1):
        matrix = np.zeros((10, 10), int)
        matrix[:, label] = 50
        said = f"it predicts {CLASSES[label]} for almost every image"
        line = verdict(config, GUESSING, matrix, CLASSES, 1000).line
        assert said in line
        assert (f"{said}, the class at the end of each epoch" in line) == (label == last)
