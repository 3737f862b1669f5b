"""Own data: which files are found, what they may hold, and what is said about the others."""

import gzip
import hashlib
import re
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.errors import DataError, UsageError
from nnlab.fashion import cautions
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import Dataset, load
from nnlab.fashion.recorded import refuse_other_data
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab
from tests.fashion.dataset.idx_files import NAMES, PACK, idx, put, small


def read(folder: Path, said: list[str] | None = None, **more: Any) -> Dataset:
    lines: list[str] = [] if said is None else said
    return load("own", folder, lines.append, **more)


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as error:
        read(folder)
    return str(error.value)


@pytest.mark.parametrize("ending", PACK)
def test_four_files_are_read_in_each_packing(tmp_path: Path, ending: str) -> None:
    arrays, said = small(side=9), list[str]()
    found = read(put(tmp_path / "shapes", arrays, ending), said)
    np.testing.assert_array_equal(found.x_train, arrays["train-images"])
    np.testing.assert_array_equal(found.y_train, arrays["train-labels"])
    np.testing.assert_array_equal(found.x_test, arrays["test-images"])
    np.testing.assert_array_equal(found.y_test, arrays["test-labels"])
    assert (found.name, found.side, found.classes) == (
        "own data (shapes)", 9, ("0", "1", "2", "3"),
    )  # fmt: skip
    assert found.digests == {k: hashlib.sha256(idx(a)).hexdigest() for k, a in arrays.items()}
    assert said == ["own data (shapes): 40 + 20 images of 9 x 9 pixels, 4 classes: 0, 1, 2, 3"]


RENAMED: dict[str, Callable[[str], str]] = {
    "dots": lambda name: name.replace("-idx", ".idx"),
    "capitals": lambda name: name.title().replace("Idx", "IDX").replace("Ubyte", "UBYTE"),
    "EMNIST": lambda name: f"emnist-letters-{name.replace('t10k', 'test')}",
    "underscores": lambda name: name.replace("-", "_"),
}


@pytest.mark.parametrize("rename", RENAMED.values(), ids=RENAMED)
def test_other_names_of_the_files(tmp_path: Path, rename: Callable[[str], str]) -> None:
    arrays = small()
    for part, array in arrays.items():
        (tmp_path / f"{rename(NAMES[part])}.gz").write_bytes(gzip.compress(idx(array)))
    (tmp_path / f"._{NAMES['train-images']}").touch()  # from macOS
    (tmp_path / NAMES["train-images"]).mkdir()  # from some archives
    np.testing.assert_array_equal(read(tmp_path).x_test, arrays["test-images"])


def test_qmnist_labels_are_the_first_of_eight_columns(tmp_path: Path) -> None:
    arrays = small()
    put(tmp_path, arrays)
    for part in ("train-labels", "test-labels"):
        (tmp_path / f"{NAMES[part]}.gz").unlink()
        rows = np.arange(8 * len(arrays[part])).reshape(-1, 8) + 100_000
        rows[:, 0] = arrays[part]
        name = f"qmnist-{part}-idx2-int.gz"
        (tmp_path / name).write_bytes(gzip.compress(idx(rows, 12)))
    np.testing.assert_array_equal(read(tmp_path).y_train, arrays["train-labels"])


def test_the_same_file_in_two_packings_is_read_once_and_said(tmp_path: Path) -> None:
    said = list[str]()
    put(tmp_path, small(), "")
    read(put(tmp_path, small()), said)
    assert said[0] == "note: read train-images-idx3-ubyte.gz, not train-images-idx3-ubyte"
    assert len(said) == 5


def test_transposed_images(tmp_path: Path) -> None:
    arrays = small()
    found = read(put(tmp_path, arrays), transpose=True)
    np.testing.assert_array_equal(found.x_train[3], arrays["train-images"][3].T)
    assert found.digests == read(tmp_path).digests


def test_labels_from_1_and_with_gaps_are_classes_without_gaps(tmp_path: Path) -> None:
    """EMNIST's letters are 1 to 26: no class 0 that never occurs."""
    arrays, said = small(), list[str]()
    for part in ("train-labels", "test-labels"):
        arrays[part] = np.array([1, 2, 7, 255])[arrays[part]]
    found = read(put(tmp_path, arrays), said)
    assert found.y_train[:5].tolist() == [0, 1, 2, 3, 0]
    assert found.classes == ("1", "2", "7", "255")
    assert said[1] == "note: the labels are 1 to 2, 7, 255; each of them is one class"


@pytest.mark.parametrize(
    ("labels", "text", "names"),
    [
        ((0, 1, 2), "cat\ndog\ncow\n\n", ("cat", "dog", "cow")),
        ((1, 2, 3), "\ufeffcat\r\ndog\r\ncow", ("cat", "dog", "cow")),
        ((1, 2, 3), "none\ncat\ndog\ncow", ("cat", "dog", "cow")),
        ((0, 2, 3), "cat\nnone\ndog\n$x^2$\nmore", ("cat", "dog", "$x^2$")),
    ],
)
def test_names_are_those_of_the_labels_that_occur_or_of_all_from_0(
    tmp_path: Path, labels: tuple[int, ...], text: str, names: tuple[str, ...]
) -> None:
    arrays = small(3)
    for part in ("train-labels", "test-labels"):
        arrays[part] = np.array(labels)[arrays[part]]
    (put(tmp_path, arrays) / "labels.txt").write_bytes(text.encode())
    assert read(tmp_path).classes == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"cat\ndog\n", "has 2 names, but the data have 3 different labels from 1 to 3: write 3"),
        (b"cat\n\ncow", "line 2: it is empty"),
        (b"cat\ndog\ncat", "names two classes 'cat'"),
        (b"cat\n\x1b[31m\ncow", r"line 2: \x1b[31m has control characters"),
        (b"cat\n" + b"o" * 61 + b"\ncow", "a name has at most 60 letters, this one 61"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (bytes(70_000), "larger than a list of names can be"),
    ],
)
def test_a_list_of_names_that_cannot_be(tmp_path: Path, text: bytes, said: str) -> None:
    arrays = small(3)
    for part in ("train-labels", "test-labels"):
        arrays[part] += 1
    (put(tmp_path, arrays) / "labels.txt").write_bytes(text)
    message = refused(tmp_path)
    assert message.startswith(f"{tmp_path}/labels.txt")
    assert said in message


def test_names_from_the_mapping_of_emnist(tmp_path: Path) -> None:
    arrays = small(3)
    for part in ("train-labels", "test-labels"):
        arrays[part] += 1
    mapping = put(tmp_path, arrays) / "emnist-letters-mapping.txt"
    mapping.write_text("1 65 97\n2 66 98\n3 67 99\n4 68\n")
    assert read(tmp_path).classes == ("A/a", "B/b", "C/c")
    mapping.write_text("1 65 97\n2 66 98\n")
    assert "does not name the label 3; write labels.txt" in refused(tmp_path)
    mapping.write_text("1 65 97\n2 1114112\n")
    assert "each line should be a label and the codes of its letters" in refused(tmp_path)
    mapping.write_text("1 65\n2 65\n3 7")
    assert "two names are equal" in refused(tmp_path)


def changed(part: str, array: np.ndarray) -> dict[str, np.ndarray]:
    return small() | {part: array}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (changed("train-images", np.zeros((40, 8, 9))), "images of 8 x 9 pixels; they should be s"),
        (changed("test-images", np.zeros((20, 7, 7))), "images of 7 x 7 pixels; they should be sq"),
        (changed("test-images", np.zeros((20, 65, 65))), "with 8 to 64 pixels a side"),
        (changed("test-images", np.zeros((20, 9, 9))), "have 8 x 8 pixels, but the test images 9"),
        (changed("test-images", np.zeros((20, 64))), "holds 20 x 64 bytes, not gray images"),
        (changed("train-labels", np.zeros((40, 10))), "holds 40 x 10 bytes, not labels"),
        (
            changed("train-labels", np.zeros(39)),
            "has 40 images, but train-labels-idx1-ubyte.gz has",
        ),
        (changed("test-labels", np.zeros(0)), "announces 0 items; nnlab reads 1 to 1,000,000"),
        (small(labels=1), "every image has the label 0; with one class there is nothing to learn"),
    ],
)
def test_data_of_another_kind(tmp_path: Path, arrays: dict[str, np.ndarray], said: str) -> None:
    message = refused(put(tmp_path, arrays))
    assert message.startswith(str(tmp_path))
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("wrong", [256, -1])
def test_a_label_that_no_byte_holds(tmp_path: Path, wrong: int) -> None:
    labels = np.array([0, 1, wrong, 3] * 10)
    (put(tmp_path, small()) / f"{NAMES['train-labels']}.gz").write_bytes(
        gzip.compress(idx(labels, 12))
    )
    assert f"label 2 (from 0) is {wrong}; labels are 0 to 255" in refused(tmp_path)


def test_files_that_are_missing_and_that_are_several(tmp_path: Path) -> None:
    assert f"{tmp_path}/a: no such folder. docs/own-data.md" in refused(tmp_path / "a")
    put(tmp_path / "b/raw", small())
    assert f"the files are in {tmp_path}/b/raw. docs" in refused(tmp_path / "b")
    (tmp_path / f"b/raw/{NAMES['test-labels']}.gz").unlink()
    assert "b/raw: no t10k-labels-idx1-ubyte (.gz, plain or .xz). docs" in refused(
        tmp_path / "b/raw"
    )
    put(tmp_path / "c", small())
    (tmp_path / "c/emnist-test-labels-idx1-ubyte").touch()
    assert (
        "2 files may be the test labels: emnist-test-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz. "
        "Put the four files of one data set, or links to them, into a folder of their own"
    ) in refused(tmp_path / "c")


BOMB = struct.pack(">4B3I", 0, 0, 8, 3, 40, 8, 8) + bytes(1 << 24)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (gzip.compress(idx(small()["train-images"]))[:-9], "ended before the end of its stream"),
        (
            gzip.compress(idx(small()["train-images"]), mtime=0)[:-8] + bytes(8),
            "incorrect data check",
        ),
        (gzip.compress(BOMB), "has more bytes after its 40 images"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 64, 64), "announces 4,294,967,295 items"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 262_145, 64, 64), "nnlab reads 1 to 262,144. "),
        (struct.pack(">4B3I", 0, 0, 8, 3, 262_144, 64, 64), "ends after 0 of the 1073741824 by"),
        (b"\0\0\x08\x03\0", "ends after 5 bytes, within the header"),
        (b"\0\0\x08\x03\0\0\0\x28\0\0", "ends after 10 bytes, within the header"),
        (b"\0\0\x0d\x03" + bytes(12), "holds values of type 0x0d in 3 dimensions"),
        (b"\0\0\x08\xff" + bytes(12), "holds values of type 0x08 in 255 dimensions"),
        (b"<!DOCTYPE html>", "begins with the bytes 3c 21 44 4f: not an IDX file"),
        (b"", "not an IDX file"),
    ],
)
def test_a_damaged_file_is_one_message_and_little_memory(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    path = put(tmp_path, small()) / f"{NAMES['train-images']}.gz"
    path.write_bytes(raw)
    tracemalloc.start()
    try:
        message = refused(tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert message.startswith(str(path))
    assert said in message
    assert peak < 4 << 20


def test_cautions_where_training_makes_little_sense(tmp_path: Path) -> None:
    def said(arrays: dict[str, np.ndarray], images: int) -> list[str]:
        return list(cautions.of_data(read(put(tmp_path, arrays)), images))

    good = small(images=400)
    assert said(good, 320) == []
    ordered = good | {"train-labels": np.sort(good["train-labels"])}
    (line,) = said(ordered, 300)
    assert "the last 100 training images are held out" in line
    assert "all images of 3 are among them" in line
    assert "validation_split: 0" in line
    unseen = good | {"train-labels": good["train-labels"] // 2 * 2}
    (line,) = said(unseen, 320)
    assert "no training image of 1, 3: 100 of 200 test images will be mistakes" in line
    (line,) = said(good | {"test-labels": good["test-labels"] // 2}, 320)
    assert "there is no test image of 2, 3" in line
    few, scarce = said(small(), 32)
    assert "fewer than 10 training images of 0, 1, 2, 3" in few
    assert "only 20 test images: the standard error of the test accuracy is up to 0.11" in scarce
    (line,) = said(good | {"train-images": good["train-images"] // 16}, 320)
    assert "the brightest pixel of the training images is 15 of 255" in line
    (line,) = said(good | {f"train-{of}": good[f"test-{of}"] for of in ("images", "labels")}, 160)
    assert "the test images are the training images" in line


def test_fashion_mnist_gets_no_caution() -> None:
    assert list(cautions.of_data(load("sample"), 1600)) == []


def known(digests: dict[str, str], *classes: str) -> Dataset:
    """Return data without images, of which these digests and names are known."""
    none = np.empty(0, np.uint8)
    return Dataset(none, none, none, none, "own data (b)", "/b", digests, classes)


def test_a_resume_refuses_other_bytes() -> None:
    data = {"name": "own data (a)", "source": "/a", "sha256": {"train-images": "1", "b": "2"}}
    begun = SavedRun(Path("runs/a"), {"status": "failed", "data": data})
    refuse_other_data(begun, known({"train-images": "1", "b": "2"}))
    refuse_other_data(SavedRun(Path("runs/a"), {"status": "running"}), known({"train-images": "3"}))
    with pytest.raises(
        UsageError, match=r"^runs/a began with other data: train-images had .*in /a;"
    ):
        refuse_other_data(begun, known({"train-images": "3", "b": "2"}))


def test_a_resume_refuses_other_class_names() -> None:
    data = {"source": "/a", "sha256": {"b": "2"}, "classes": ["cat", "dog"]}
    begun = SavedRun(Path("runs/a"), {"status": "failed", "data": data})
    refuse_other_data(begun, known({"b": "2"}, "cat", "dog"))
    for names, told in (
        (("cat", "fox"), "'dog' is now 'fox'"),
        (("cat",), "'dog' is now '.none.'"),
    ):
        with pytest.raises(
            UsageError, match=f"^runs/a began with other class names: {told} in /b; write the names"
        ):
            refuse_other_data(begun, known({"b": "2"}, *names))


def test_the_config_says_what_own_data_need(nnlab: Nnlab, tmp_path: Path) -> None:
    for words, said in (
        (
            ("--data", "own"),
            "data own needs data_dir, the folder of the four files: --data-dir DIR",
        ),
        (("--transpose",), "transpose is for data own, not for data full"),
        (("--data", "own", "--data-dir", ".", "--kernel-size", 65), "it should be at most 64"),
    ):
        done = nnlab("fashion", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    put(tmp_path / "a", small())
    done = nnlab("fashion", "--data", "own", "--data-dir", "a", "--filters", "4,4,4,4")
    assert done.returncode == 2
    assert (
        "filters[3] leaves no pixel: it pools 2 x 2 pixels, but of images of 8 x 8" in done.stderr
    )
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize(
    ("keys", "side", "said"),
    [
        ({"kernel_size": 9}, 8, "kernel_size 9 should be at most 8, the side of the images"),
        ({"filters": (2, 2, 2, 2)}, 8, "filters[3] leaves no pixel"),
        (
            {"filters": ({"filters": 2, "kernel": 33},)},
            32,
            "filters[0] has kernel 33; it should be a",
        ),
        ({"shift_pixels": 8}, 8, "shift_pixels 8 should be less than the images' side, 8"),
        ({"filters": (2, 2, 2), "batch_size": 1, "batch_norm": True, "hidden": 0}, 8, "one value"),
    ],
)
def test_a_config_is_checked_again_with_the_real_side(
    keys: dict[str, Any], side: int, said: str
) -> None:
    config = FashionConfig(data="own", data_dir=Path("a"), **keys)
    (fault,) = config.misfits(side)
    assert said in fault
    assert list(config.misfits(64)) == []


def test_a_run_on_own_data_says_so() -> None:
    config = FashionConfig(data="own", data_dir=Path("a"))
    assert config.run_name("fashion") == "fashion-own"
    assert config.model_copy(update={"samples": 9}).run_name("fashion") == "fashion-own"
    assert re.fullmatch("/.*/a", str(config.data_dir))
