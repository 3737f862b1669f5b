"""report.json: the scores of the test, compared with scikit-learn's and with a plain count."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss
from sklearn.metrics import precision_recall_fscore_support as of_classes

from nnlab.errors import DataError
from nnlab.fashion import tested
from nnlab.fashion.data import load
from nnlab.fashion.scores import score
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, digest
from tests.reports.logged import fashion, report

NAMES = ("cat", "dog", "cow", "never true", "never predicted")


def predictions(images: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities, (images, 5), with two classes that have no images."""
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 1, 2, 4], images)
    logits = rng.normal(size=(images, len(NAMES))) * 2
    logits[np.arange(images), labels] += 1.5
    logits[:, 4] = -20
    unnormalized = np.exp(logits)
    return labels, unnormalized / unnormalized.sum(axis=1, keepdims=True)


def scored(labels: np.ndarray, probabilities: np.ndarray) -> tested.Tested:
    names = NAMES[: probabilities.shape[1]]
    losses = -np.log(probabilities[np.arange(len(labels)), labels])
    return score(labels, probabilities, losses, names, "animals")


def plain_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the sum over 15 bins of |right answers - sum of confidences|, per image."""
    total = 0.0
    for low in range(15):
        right, sure = 0, 0.0
        for label, row in zip(labels.tolist(), probabilities.tolist(), strict=True):
            if low < 15 * max(row) <= low + 1:
                right += row.index(max(row)) == label
                sure += max(row)
        total += abs(right - sure)
    return total / len(labels)


def test_the_scores_are_those_of_scikit_learn() -> None:
    labels, probabilities = predictions()
    found, predicted = scored(labels, probabilities), probabilities.argmax(axis=1)
    every = list(range(len(NAMES)))
    right = of_classes(labels, predicted, labels=every, zero_division=0)
    rows = [[of.precision, of.recall, of.f1, of.support] for of in found.classes]
    np.testing.assert_allclose(rows, np.transpose(right), rtol=1e-12)
    assert found.confusion == confusion_matrix(labels, predicted, labels=every).tolist()
    assert found.accuracy == pytest.approx(accuracy_score(labels, predicted), rel=1e-12)
    assert found.loss == pytest.approx(log_loss(labels, probabilities, labels=every), rel=1e-12)
    assert [of.name for of in found.classes] == list(NAMES)
    assert found.classes[3].support == found.classes[4].precision == 0


def test_the_calibration_error_is_that_of_a_plain_count() -> None:
    labels, probabilities = predictions()
    found = scored(labels, probabilities)
    right = plain_calibration_error(labels, probabilities)
    assert found.expected_calibration_error == pytest.approx(right, rel=1e-12)
    assert 0.01 < right < 0.5
    assert sum(part.count for part in found.calibration) == found.images == len(labels)
    assert [part.low for part in found.calibration][1:] == [
        part.high for part in found.calibration
    ][:-1]


def test_a_confidence_of_1_and_one_on_an_edge_have_a_bin() -> None:
    edge = 9 / 15
    probabilities = np.array([[1.0, 0.0], [1.0, 0.0], [edge, 1 - edge]])
    bins = scored(np.array([0, 0, 1]), probabilities).calibration
    assert [part.count for part in bins] == [0] * 8 + [1] + [0] * 5 + [2]
    assert (bins[14].confidence, bins[14].accuracy) == (1, 1)
    assert (bins[8].confidence, bins[8].accuracy) == (edge, 0)
    assert (bins[0].confidence, bins[0].accuracy) == (0, 0)


def test_the_file_has_one_line_per_row_of_the_confusion_matrix() -> None:
    found = scored(*predictions())
    text = tested.to_json(found)
    assert str(found.confusion[2]) in text
    assert tested.Tested.model_validate(json.loads(text)) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"confusion": [[1], [2, 3]]}, "confusion should have 2 rows of 2 numbers"),
        ({"confusion": [[1, 2]]}, "confusion should have 2 rows of 2 numbers"),
        ({"confusion": [[8, 2], [2, 9]]}, "support of each class should be the sum of its row"),
        ({"images": 21}, "images should be the sum of the supports, 20"),
    ],
)
def test_counts_that_do_not_belong_together_are_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    right = report([[8, 2], [1, 9]], "ab")
    assert tested.read(fashion(tmp_path / "right", [0.5], report=right)) is not None
    with pytest.raises(DataError, match=rf"report\.json is damaged: {said}"):
        tested.read(fashion(tmp_path / "wrong", [0.5], report=right | change))


@pytest.mark.slow
def test_a_finished_run_without_its_report_is_completed(nnlab: Nnlab, tmp_path: Path) -> None:
    run, report = tmp_path / "a", tmp_path / "a/report.json"
    options = ("--data", "sample", "--epochs", 1, "--filters", 4, "--hidden", 0)
    assert nnlab("fashion", *options, "--run-dir", "a").returncode == 0
    found, summary = tested.read(SavedRun(run)), SavedRun(run).summary
    assert found is not None
    assert found.accuracy == summary["test_accuracy"]
    assert found.loss == summary["test_loss"]
    assert [of.support for of in found.classes] == np.bincount(load("sample").y_test).tolist()
    before = report.read_bytes(), digest(run)
    report.unlink()
    assert tested.read(SavedRun(run)) is None
    done = nnlab("resume", "a")
    assert done.returncode == 0, done.stderr
    assert "continuing after epoch 1 of 1" in done.stderr
    assert (report.read_bytes(), digest(run)) == before
    assert "nothing is left to do" in nnlab("resume", "a").stderr


def test_a_damaged_report_and_one_of_an_earlier_end(tmp_path: Path) -> None:
    old = Path(__file__).parents[1] / "runs/data/cubic-0.2.0"
    shutil.copytree(old, tmp_path / "a")
    (tmp_path / "a/report.json").write_text('{"data": 3}')
    assert SavedRun(tmp_path / "a").status != "completed"
    assert tested.read(SavedRun(tmp_path / "a")) is None
    record = json.loads((tmp_path / "a/run.json").read_text()) | {"status": "completed"}
    (tmp_path / "a/run.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=r"report\.json is damaged: data"):
        tested.read(SavedRun(tmp_path / "a"))
