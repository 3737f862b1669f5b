"""What a comparison of runs of fashion adds: x axes, recalls, confusions."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from nnlab.cli.compare import compared
from nnlab.fashion.axes import KNOWN, axes, training_images
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import load
from nnlab.reports.compare import Comparison
from nnlab.reports.compare_plots import figures
from nnlab.reports.comparing import Drawn
from nnlab.runs.saved import SavedRun
from tests.reports.logged import fashion, made, report

NAMES = ("cat", "dog", "cow")
TRUE = np.repeat([0, 1, 2], 400)


def predicted(seed: int, gain: float) -> np.ndarray:
    """Return predictions; with `gain` more dogs, and fewer cows, are right."""
    rng = np.random.default_rng(seed)
    right = np.array([0.9, 0.6 + gain, 0.8 - gain])[TRUE]
    return np.where(rng.random(len(TRUE)) < right, TRUE, (TRUE + 1) % 3)


def runs(folder: Path, seeds: int, gain: float) -> list[SavedRun]:
    found = []
    for lr, of_lr in ((0.1, 0.0), (0.2, gain)):
        for seed in range(seeds):
            said = predicted(seed, of_lr)
            found.append(
                fashion(
                    folder / f"{lr}-{seed}", [0.5, 0.6], lr=lr, seed=seed,
                    test_accuracy=float(np.mean(said == TRUE)),
                    report=report(confusion_matrix(TRUE, said).tolist(), NAMES),
                )
            )  # fmt: skip
    return found


def both(runs: list[SavedRun]) -> tuple[Comparison, Drawn]:
    found, comparing = compared(runs)
    return found, figures(found, comparing)


def test_recalls_and_confusions_are_those_of_scikit_learn(tmp_path: Path) -> None:
    found, drawn = both(runs(tmp_path, 3, 0.3))
    said = [[predicted(seed, gain) for seed in range(3)] for gain in (0.0, 0.3)]
    for place, name in enumerate(NAMES):
        (measure,) = (each for each in found.measures if each.metric.name == f"recall {name}")
        for values, of in zip(measure.values, said, strict=True):
            right = [recall_score(TRUE, each, average=None)[place] for each in of]
            assert list(values.values()) == pytest.approx(right)
        assert measure.of == (400, 400)
    first, second = (
        np.mean([confusion_matrix(TRUE, each, normalize="true") for each in of], axis=0)
        for of in said
    )
    (image,) = drawn.figures["confusion-difference.png"].axes[0].images
    np.testing.assert_allclose(np.array(image.get_array()), 100 * (second - first), atol=1e-12)


def test_one_run_of_each_config_says_nothing_about_luck(tmp_path: Path) -> None:
    found, drawn = both(runs(tmp_path, 1, 0.3))
    assert "confusion-difference.png" in drawn.figures
    assert drawn.notes == []
    assert {change.says for change in found.changes} == {"one run: no interval"}


def test_a_recall_of_0_and_of_1_has_noise(tmp_path: Path) -> None:
    some = [
        fashion(tmp_path / f"{k}", [0.5], lr=0.1 + k, report=report([[k, 9 - k], [0, 9]], "ab"))
        for k in (0, 9)
    ]
    found = both(some)[0].only(["recall a", "recall b"])
    assert [change.floor for change in found.changes] == pytest.approx(
        [1.96 * (2 * (1 / 11) * (10 / 11) / 11) ** 0.5] * 2
    )


def test_classes_that_gained_and_lost_beyond_luck(tmp_path: Path) -> None:
    _, drawn = both(runs(tmp_path, 3, 0.3))
    (note,) = drawn.notes
    assert note.startswith("recall, B - A, beyond seeds and test images: gained dog +0.")
    assert ", lost cow -0." in note
    assert "cat" not in note


def test_luck_is_not_called_a_gain(tmp_path: Path) -> None:
    _, drawn = both(runs(tmp_path, 3, 0.005))
    assert drawn.notes[-1].endswith("no class gained or lost")


def test_a_run_without_a_report_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    some = runs(tmp_path, 2, 0.3)
    (some[0].path / "report.json").unlink()
    found, drawn = both(some)
    assert drawn.notes[0] == "no report.json, so nothing on its classes: 0.1-0"
    assert "confusion-difference.png" in drawn.figures
    (measure,) = (each for each in found.measures if each.metric.name == "recall dog")
    assert [list(values) for values in measure.values] == [[1], [0, 1]]
    (some[1].path / "report.json").unlink()
    _, drawn = both(some)
    assert list(drawn.figures) == ["comparison.png"]


def test_runs_with_other_classes_are_not_mixed(tmp_path: Path) -> None:
    some = runs(tmp_path, 1, 0)
    other = fashion(
        tmp_path / "other", [0.5], lr=0.3, report=report([[1, 0], [0, 1]], ("one", "two"))
    )
    same_config = fashion(
        tmp_path / "same", [0.5], lr=0.3, seed=1, report=report([[1, 0, 0]] * 3, ("a", "b", "c"))
    )
    _, drawn = both([*some, other, same_config])
    assert drawn.notes == ["the classes of the runs differ, so nothing is said on them"]


def test_five_groups_have_four_panels_that_can_be_drawn(tmp_path: Path) -> None:
    some = [
        fashion(tmp_path / f"{i}", [0.5], lr=0.1 + i / 10, report=report([[3, i], [1, 4]], "ab"))
        for i in range(6)
    ]
    drawn = both(some)[1]
    figure = drawn.figures["confusion-difference.png"]
    assert drawn.notes[0] == "confusion-difference.png: only groups B to E, of 5"
    assert sum(bool(ax.images) for ax in figure.axes) == 4
    figure.savefig(tmp_path / "x.png")


def test_steps_and_images_seen_follow_from_the_training_images(tmp_path: Path) -> None:
    run = fashion(tmp_path / "a", [0.5, 0.6], images=1601)
    found = axes(run, FashionConfig(batch_size=32))
    assert list(found["step"]) == [51, 102]
    assert list(found["samples"]) == [1601, 3202]
    assert list(found["epoch"]) == [1, 2]


def test_an_older_run_on_known_data_has_its_steps(tmp_path: Path) -> None:
    sample = load("sample")
    assert KNOWN[sample.name] == (len(sample.y_train), len(sample.y_test))
    for at, (name, split, images) in enumerate(
        ((sample.name, 0.2, 1600), ("Fashion-MNIST", 0.1, 54_000), ("mine", 0.2, None))
    ):
        run = made(tmp_path / f"{at}", "fashion", {}, [], data={"name": name})
        assert training_images(run, FashionConfig(validation_split=split)) == images


def test_a_run_that_never_began_has_no_steps(tmp_path: Path) -> None:
    run = made(tmp_path / "a", "fashion", {}, [], status="running")
    assert training_images(run, FashionConfig()) is None


def test_an_older_run_has_the_noise_of_its_test_images(tmp_path: Path) -> None:
    some = [
        made(
            tmp_path / f"{p}", "fashion", {"lr": p}, [{"epoch": 1, "loss": 0.3}],
            data={"name": "Fashion-MNIST"}, summary={"test_accuracy": p},
        )
        for p in (0.9, 0.91)
    ]  # fmt: skip
    found = compared(some)[0].only(["test_accuracy"])
    assert found.changes[0].floor == pytest.approx(
        1.96 * ((0.9 * 0.1 + 0.91 * 0.09) / 10_000) ** 0.5, rel=1e-3
    )
