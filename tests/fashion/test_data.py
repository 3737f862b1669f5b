from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nnlab.errors import DataError, UsageError
from nnlab.fashion import data
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import CLASSES, SAMPLE_FILES, SAMPLE_FOLDER, Dataset, load
from nnlab.fashion.dataset.locate import FILES, find
from nnlab.orders import visits
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, digest, without_times

LABELS = np.random.default_rng(0).integers(0, 10, 53, np.uint8)


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


def test_shuffle_changes_the_order_from_epoch_to_epoch_and_no_shuffle_keeps_it() -> None:
    orders = {
        shuffle: [
            data.order(FashionConfig(shuffle=shuffle), epoch, LABELS, 10).tolist()
            for epoch in (0, 1)
        ]
        for shuffle in (True, False)
    }
    assert orders[False] == [list(range(53))] * 2
    assert orders[True][0] != orders[True][1]
    assert all(sorted(order) == list(range(53)) for order in orders[True])


@pytest.mark.parametrize("order", ["once", "replacement", "flip-flop"])
def test_random_orders_are_those_of_every_experiment(order: Literal["once", "flip-flop"]) -> None:
    config = FashionConfig(shuffle=False, order=order, seed=4)
    found = data.order(config, 3, LABELS, 10)
    np.testing.assert_array_equal(found, visits(order, 53, seed=4, epoch=3))


@given(
    labels=st.lists(st.integers(0, 6), max_size=60),
    seed=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 99),
)
def test_by_class_keeps_a_class_together_and_the_stored_order_inside_it(
    labels: list[int], seed: int, epoch: int
) -> None:
    config = FashionConfig(shuffle=False, order="by-class", seed=seed)
    places = data.class_places(config, 7).tolist()
    assert sorted(places) == list(range(7))
    expected = [
        index
        for place in range(7)
        for index, label in enumerate(labels)
        if label == places.index(place)
    ]
    assert data.order(config, epoch, np.array(labels, np.uint8), 7).tolist() == expected


def test_each_class_is_as_often_last() -> None:
    configs = [FashionConfig(shuffle=False, order="by-class", seed=seed) for seed in range(2000)]
    last = [int(data.class_places(config, 10).argmax()) for config in configs]
    assert chisquare(np.bincount(last, minlength=10)).pvalue > 1e-3


def test_the_first_images_of_the_training_set() -> None:
    sample = load("sample")
    part = data.first(sample, 300)
    np.testing.assert_array_equal(part.x_train, sample.x_train[:300])
    np.testing.assert_array_equal(part.y_train, sample.y_train[:300])
    np.testing.assert_array_equal(part.x_test, sample.x_test)
    assert part.digests == sample.digests
    assert len(data.first(sample, 2000).y_train) == len(data.first(sample, None).y_train) == 2000


def test_more_samples_than_images_are_refused(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("fashion", "--data", "sample", "--samples", 2001)
    assert done.returncode == 2
    assert "samples 2,001 is more than the 2,000 training images of Fashion-MNIST" in done.stderr
    assert "take --samples 2000, or leave the key out" in done.stderr
    assert "TensorFlow" not in done.stderr
    assert not list(tmp_path.glob("runs/*"))


def test_a_run_on_a_part_of_the_data_says_so() -> None:
    part, sample = FashionConfig(samples=9000), FashionConfig(samples=900, data="sample")
    assert part.run_name("fashion") == "fashion-part"
    assert sample.run_name("fashion") == "fashion-sample"
    assert data.title_note(part) == ", first 9,000 images"
    assert data.title_note(sample) == " (sample), first 900 images"


@pytest.mark.slow
def test_a_part_in_another_order_is_trained_on_and_resumed(nnlab: Nnlab, tmp_path: Path) -> None:
    flags = ("fashion", "--data", "sample", "--samples", 500, "--filters", "2", "--hidden", 4)
    order = ("--no-shuffle", "--order", "flip-flop")
    done = nnlab(*flags, *order, "--epochs", 1, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    assert "400 training images, 100 validation images" in done.stderr
    assert "testing on 500 images" in done.stderr
    record = SavedRun(tmp_path / "a").record
    assert record["training_images"] == 400
    assert record["data"]["sha256"] == SAMPLE_FILES
    done = nnlab("resume", "a", "--epochs", 2)
    assert done.returncode == 0, done.stderr
    assert nnlab(*flags, *order, "--epochs", 2, "--run-dir", "b").returncode == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert without_times(tmp_path / "a") == without_times(tmp_path / "b")
    assert nnlab("predict", "a", "--index", "499").returncode == 0
