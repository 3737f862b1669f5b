from pathlib import Path

import numpy as np
import pytest

from nnlab.errors import DataError, UsageError
from nnlab.fashion import data
from nnlab.fashion.data import CLASSES, SAMPLE_FILES, SAMPLE_FOLDER, Dataset, load
from nnlab.fashion.dataset.locate import FILES, find


@pytest.fixture(scope="module")
def full() -> Dataset:
    folder = find()
    if folder is None:
        pytest.skip("Fashion-MNIST is not on this machine (nnlab data fetch)")
    return load("full", folder)


def test_the_sample_is_what_its_name_says() -> None:
    sample = load("sample")
    assert sample.name == "Fashion-MNIST sample (2,000 + 500 images)"
    assert sample.x_train.shape == (2000, 28, 28)
    assert sample.x_test.shape == (500, 28, 28)
    assert sample.x_train.dtype == sample.y_test.dtype == np.uint8
    assert np.bincount(sample.y_train).tolist() == [200] * 10
    assert np.bincount(sample.y_test).tolist() == [50] * 10
    assert sample.source == str(SAMPLE_FOLDER)
    assert sample.digests == SAMPLE_FILES


def test_the_sample_is_small_and_carries_its_licence() -> None:
    assert sum(file.stat().st_size for file in SAMPLE_FOLDER.iterdir()) <= 1_000_000
    licence = (SAMPLE_FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "Copyright © 2017 Zalando SE, https://tech.zalando.com" in licence


def test_the_sample_is_the_first_of_each_class(full: Dataset) -> None:
    sample = load("sample")
    for label in range(len(CLASSES)):
        np.testing.assert_array_equal(
            sample.x_train[sample.y_train == label], full.x_train[full.y_train == label][:200]
        )
        np.testing.assert_array_equal(
            sample.x_test[sample.y_test == label], full.x_test[full.y_test == label][:50]
        )


def test_the_full_data_is_fashion_mnist(full: Dataset) -> None:
    assert full.name == "Fashion-MNIST"
    assert full.digests == FILES
    assert full.x_train.shape == (60_000, 28, 28)
    assert full.x_test.shape == (10_000, 28, 28)
    assert np.bincount(full.y_train).tolist() == [6000] * 10
    assert np.bincount(full.y_test).tolist() == [1000] * 10
    # The mean that is used everywhere to normalise this dataset, as a part of 255.
    assert full.x_train.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert [CLASSES[label] for label in full.y_train[:2]] == ["Ankle boot", "T-shirt/top"]


def test_good_files_that_are_not_fashion_mnist_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        load("full", SAMPLE_FOLDER)
    message = str(refused.value)
    assert str(SAMPLE_FOLDER / "train-images-idx3-ubyte.xz") in message
    for table in (FILES, SAMPLE_FILES):
        assert table["train-images-idx3-ubyte"][:12] in message
    assert "--data-dir" in message


def test_the_sample_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dict(SAMPLE_FILES) | {"t10k-labels-idx1-ubyte": "0" * 64}
    monkeypatch.setattr(data, "SAMPLE_FILES", other)
    with pytest.raises(DataError, match=r"of 000000000000\.\.\.\)\. Install nnlab again"):
        load("sample")


def test_the_sample_has_no_other_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave out --data-dir"):
        load("sample", tmp_path)
