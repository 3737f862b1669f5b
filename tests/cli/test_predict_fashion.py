"""`nnlab predict` for runs of `nnlab fashion`: pictures, the test set, what is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnlab.fashion import data
from nnlab.fashion.answered import Seen, Unread
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.predict import BATCH, _guessed
from nnlab.fashion.restored import Restored
from nnlab.runs.saved import SavedRun
from tests.conftest import Typed
from tests.fashion.photos import photo
from tests.runs.trained import stopped, trained

SAMPLE = data.load("sample")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    keys = {
        "data": "sample", "epochs": 4, "filters": [8], "hidden": 0, "lr": 0.01, "batch_norm": True,
        "augment": ["flip"], "tta": True,
    }  # fmt: skip
    return trained(tmp_path_factory.mktemp("fashion") / "a", "fashion", **keys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the same boot as a photo, as an image of the test set, and negated."""
    boot = SAMPLE.x_test[SAMPLE.y_test == 9][3]
    (tmp_path / "shoes").mkdir()
    photo(boot).save(tmp_path / "shoes/1-photo.jpg", quality=85)
    Image.fromarray(boot).save(tmp_path / "shoes/2-test.png")
    Image.fromarray(255 - boot).convert("RGB").save(tmp_path / "shoes/3-negative.png")
    return tmp_path / "shoes"


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.slow
def test_a_shoe_photographed_on_white_comes_out_as_a_shoe(
    run: SavedRun,
    typed: Typed,
    folder: Path,
) -> None:
    code, out, err = typed("predict", str(run.path), str(folder), "--json")
    assert code == 0, err
    shown, test, negative = lines(out)
    assert [each["inverted"] for each in (shown, test, negative)] == [True, False, True]
    assert shown["classes"][0]["class"] == "Ankle boot"
    assert test["classes"] == negative["classes"]
    assert sum(guess["probability"] for guess in test["classes"]) <= 1


@pytest.mark.slow
def test_the_table_fits_80_columns(run: SavedRun, typed: Typed, folder: Path) -> None:
    code, out, err = typed("predict", str(run.path), str(folder / "1-photo.jpg"))
    assert (code, err) == (0, "loading TensorFlow ...\n")
    title, row = out.splitlines()
    assert title.split() == ["image", "most", "likely", "second", "third"]
    assert "1-photo.jpg" in row
    assert row.endswith("  inverted")
    assert "Ankle boot 0." in row or "Ankle boot 1." in row


@pytest.mark.slow
def test_predictions_for_the_test_set_are_those_of_the_run(run: SavedRun, typed: Typed) -> None:
    code, out, err = typed("predict", str(run.path), "--index", "0:", "--json")
    assert code == 0
    found = lines(out)
    assert [each["index"] for each in found] == list(range(500))
    assert [each["true"] for each in found] == [data.CLASSES[label] for label in SAMPLE.y_test]
    right = sum(each["true"] == each["classes"][0]["class"] for each in found)
    assert right / 500 == pytest.approx(run.summary["test_accuracy"], abs=1e-9)
    assert f"{right} of 500 are right" in err


@pytest.mark.slow
def test_a_file_of_a_test_image_is_answered_as_the_test_image(
    run: SavedRun,
    typed: Typed,
    tmp_path: Path,
) -> None:
    for number in (0, 7):
        Image.fromarray(SAMPLE.x_test[number]).save(tmp_path / f"{number}.png")
    _, files, _ = typed("predict", str(run.path), str(tmp_path), "--json")
    _, index, _ = typed("predict", str(run.path), "--index", "0:8:7", "--json")
    assert [each["classes"] for each in lines(files)] == [each["classes"] for each in lines(index)]


@pytest.mark.slow
def test_an_unfinished_run_says_so_and_draws_what_it_saw(
    run: SavedRun,
    typed: Typed,
    tmp_path: Path,
) -> None:
    path = stopped(run, tmp_path / "b").path
    picture = tmp_path / "seen.png"
    code, out, err = typed("predict", str(path), "--index", "-30:", "--plot", str(picture))
    assert code == 0
    assert "is not finished (interrupted): using its newest checkpoint" in err
    assert f"wrote {picture} (the first 24 images)" in err
    assert len(out.splitlines()) == 31
    with Image.open(picture) as drawn:
        assert min(drawn.size) > 400
        assert len(drawn.convert("RGB").getcolors(1_000_000) or []) > 100


@pytest.mark.slow
def test_one_bad_file_among_others_is_named_and_the_rest_is_answered(
    run: SavedRun,
    typed: Typed,
    folder: Path,
) -> None:
    (folder / "2-bad.png").write_text("hello")
    Image.new("L", (50, 50), 200).save(folder / "2-empty.png")
    code, out, err = typed("predict", str(run.path), str(folder), "--json")
    assert code == 1
    assert [Path(each["image"]).name for each in lines(out) if "error" in each] == [
        "2-bad.png", "2-empty.png",
    ]  # fmt: skip
    assert len(lines(out)) == 5
    assert "2-bad.png: this is not a PNG or JPEG image" in err
    assert err.splitlines()[-1] == "nnlab: 2 of 5 images could not be used"
    code, out, err = typed("predict", str(run.path), str(folder / "2-bad.png"))
    assert (code, out) == (1, "")
    assert err.count("2-bad.png") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["0.5"], "0.5: no such file\n"),
        (["-1"], "-1: no such file\n"),
        (["EMPTY"], "this folder has no .png"),
        ([], "give image files, folders of them, or --index"),
        (["--index", "500"], "--index 500: none of the 500 images of the test set, which are 0 to"),
        (["--index", "3:3"], "--index 3:3 is an empty range"),
        (["--index", "600:700"], "--index 600:700: none of the 500 images"),
        (["--index", "5:2"], "--index 5:2 is an empty range: no image is in it"),
        (["--index", "::0"], "--index ::0: the step cannot be 0"),
        (["--index", "a:b"], "--index a:b: give a whole number, or START:STOP"),
        (["--index", "1:2:3:4"], "--index 1:2:3:4: give a whole number"),
        (["--index", ""], "--index : give a whole number"),
        (["--index", "1", "--invert"], "--index takes images of the test set as they are"),
        (["--index", "1", "EMPTY"], "--index takes images of the test set as they are"),
        (["--index", "1", "--plot", "seen.jpg"], "give it a name that ends in .png"),
        (["--index", "1", "--plot", "none/seen.png"], "there is no folder none"),
        (["--index", "1", "--plot", "RUN/plots/mine.png"], "mine.png is in the run directory"),
        (["SHOE", "--plot", "SHOE"], "would replace an input"),
    ],
    ids=str,
)
def test_what_cannot_be_predicted_is_refused(
    run: SavedRun,
    typed: Typed,
    tmp_path: Path,
    words: list[str],
    said: str,
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    shoe = tmp_path / "shoe.png"
    Image.new("L", (28, 28)).save(shoe)
    before = shoe.read_bytes()
    places = {"EMPTY": str(empty), "SHOE": str(shoe)}
    given = [places.get(word, word).replace("RUN", str(run.path)) for word in words]
    code, out, err = typed("predict", str(run.path), *given)
    assert (code, out) == (2, "")
    assert said in err
    assert "loading TensorFlow" not in err
    assert shoe.read_bytes() == before


@pytest.mark.slow
def test_other_data_than_those_of_the_run_are_refused(
    run: SavedRun,
    typed: Typed,
    tmp_path: Path,
) -> None:
    path = shutil.copytree(run.path, tmp_path / "b")
    record = {**run.record, "data": {**run.record["data"], "sha256": {"train": "0"}}}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    code, _, err = typed("predict", str(path), "--index", "0")
    assert code == 1
    assert "has other data than the run" in err
    (path / "model.npz").unlink()
    code, _, err = typed("predict", str(path), "--index", "0")
    assert (code, err) == (1, f"nnlab: {path} has no weights: model.npz is missing\n")


class Counting:
    """A network that only counts the images that it is shown at once."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def predict_on_batch(self, images: Any) -> Any:
        assert images.dtype == np.float32
        assert images.shape[1:] == (28, 28, 1)
        self.batches.append(len(images))
        return np.zeros((len(images), 10))


def test_images_are_read_when_they_are_needed() -> None:
    read = 0

    def files() -> Iterator[Seen | Unread]:
        nonlocal read
        for read in range(1, 10_001):
            name = str(read)
            yield Unread(name, "") if read % 10 == 0 else Seen(name, SAMPLE.x_test[0], {})

    network = Counting()
    answers = _guessed(files(), Restored(network, FashionConfig(), data.CLASSES, 28, ""))
    for count, answer in enumerate(answers, 1):
        assert read <= count + BATCH
        assert (answer if isinstance(answer, Unread) else answer[0]).name == str(count)
    assert read == 10_000
    assert max(network.batches) <= BATCH
    assert sum(network.batches) == 9000
