"""The network of saved runs gives the numbers that the runs measured."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlab.errors import DataError
from nnlab.fashion import data
from nnlab.fashion.restored import restored
from nnlab.runs.saved import SavedRun
from tests.runs.trained import stopped, trained

pytestmark = pytest.mark.slow
KEYS = {"data": "sample", "epochs": 2, "filters": [4], "hidden": 0, "ema": 0.9, "batch_norm": True}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    keys = {**KEYS, "augment": ["flip"], "tta": True}
    return trained(tmp_path_factory.mktemp("fashion") / "a", "fashion", **keys)


def accuracy(saved: SavedRun, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy as Keras's `predict` gives it for whole arrays."""
    network = restored(saved).network
    logits = network.predict(images[..., None].astype("float32") / 255, verbose=0)
    return float(np.mean(logits.argmax(axis=1) == labels))


def test_a_finished_run_predicts_as_in_its_test(run: SavedRun) -> None:
    dataset = data.load("sample")
    found = accuracy(run, dataset.x_test, dataset.y_test)
    assert found == pytest.approx(run.summary["test_accuracy"], abs=1e-6)
    rest = restored(run)
    assert (rest.note, rest.side, len(rest.classes)) == ("", 28, 10)
    assert rest.config.ema == 0.9


def test_an_unfinished_run_predicts_as_in_its_last_validation(
    run: SavedRun, tmp_path: Path
) -> None:
    unfinished, dataset = stopped(run, tmp_path / "a"), data.load("sample")
    found = accuracy(unfinished, dataset.x_train[1600:], dataset.y_train[1600:])
    assert found == pytest.approx(run.metrics["val_accuracy"][-1], abs=1e-6)
    note = restored(unfinished).note
    assert note.endswith("its newest checkpoint (last.safetensors), after epoch 2 of 2")


def test_weights_of_another_network_are_refused(run: SavedRun, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "a")
    config = tmp_path / "a/config.yaml"
    config.write_text(config.read_text().replace("filters: [4]", "filters: [5]"))
    with pytest.raises(DataError, match=r"does not fit config\.yaml: conv1/kernel is float32"):
        restored(SavedRun(tmp_path / "a"))
