"""What `nnlab export` writes for fashion: the same predictions in each tool that it is for."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.fashion import export
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow
from nnlab.fashion.restored import restored
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun
from tests.runs.trained import stopped, trained

pytestmark = pytest.mark.slow

CASES: dict[str, dict[str, Any]] = {
    "the assignment's kind": {"filters": [5, 4], "hidden": 7},
    "other kernels and pools": {
        "filters": [
            {"filters": 4, "kernel": 3, "pool": 3}, {"filters": 3, "kernel": 4, "pool": 1},
            {"filters": 6, "kernel": 1, "pool": 2}, {"filters": 4, "kernel": 5, "pool": 4},
        ],
        "hidden": 0, "conv_dropout": 0.0,
    },
    "batch normalization, mirrored": {
        "filters": [4, 3], "hidden": 6, "batch_norm": True, "augment": ["flip", "shift"],
        "tta": True, "ema": 0.9,
    },
    "float16": {"filters": [4, 3], "hidden": 6, "batch_norm": True, "precision": "mixed_float16"},
    "bfloat16": {"filters": [4], "hidden": 0, "precision": "mixed_bfloat16"},
    "shortcuts over one and two blocks": {
        "filters": [
            4, {"filters": 4, "pool": 1, "skip": 1}, {"filters": 3, "pool": 1},
            {"filters": 4, "pool": 1, "skip": 2},
        ],
        "hidden": 0, "kernel_size": 3,
    },
    "shortcuts, mirrored": {
        "filters": [4, {"filters": 4, "pool": 1, "skip": 1}], "hidden": 3, "batch_norm": True,
        "augment": ["flip"], "tta": True,
    },
    "moved": {"filters": [4, 3], "hidden": 6, "augment": ["shift"], "tta_shift": 2},
    "moved and mirrored": {
        "filters": [4], "hidden": 6, "augment": ["flip", "shift"], "tta": True, "tta_shift": 1,
        "batch_norm": True,
    },
    "small images, three classes": {"filters": [4], "hidden": 3, "side": 9, "classes": "abc"},
}  # fmt: skip


def made(path: Path, side: int = 28, classes: str = "0123456789", **keys: Any) -> SavedRun:
    """Return a finished run with random weights; none is the 0 or 1 that training begins with."""
    resolved = resolve(FashionConfig, None, keys)
    load_tensorflow(resolved.config, Silent())
    from nnlab.fashion import network as networks
    from nnlab.fashion import state

    network = networks.build(resolved.config, side=side, classes=len(classes))
    rng = np.random.default_rng(1)
    arrays = {
        name: array + rng.uniform(0, 0.5, array.shape).astype("f4") * (array.ndim == 1)
        for name, array in state.weights(network).items()
    }
    with Run("fashion", resolved, Silent(), command="test", path=path) as run:
        run.begin(data={"name": "test", "side": side, "classes": list(classes)})
        run.save("model.npz", lambda file: np.savez(file, **arrays))
        run.finish({})
    return SavedRun(path)


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


@pytest.fixture(scope="module")
def run(case: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    return made(tmp_path_factory.mktemp("run") / "fashion-0001", **case)


@pytest.fixture(scope="module", autouse=True)
def _float32_afterwards() -> Iterator[None]:
    yield
    from nnlab.fashion import network as networks

    networks.build(FashionConfig())  # the precision applies to the whole process


def images(side: int) -> np.ndarray:
    """Return five images, of which no row, column or half is like another."""
    pixels = np.random.default_rng(2).integers(0, 256, (5, side, side, 1))
    return pixels.astype("float32")


def expected(saved: SavedRun) -> tuple[np.ndarray, np.ndarray]:
    """Return images with pixels 0 to 255, and the probabilities that the run's network gives."""
    network = restored(saved)
    x = images(network.side)
    logits = network.network.predict(x / 255, verbose=0)
    return x, scipy.special.softmax(logits.astype("float64"), axis=1)


def filled(write: Any, saved: SavedRun) -> bytes:
    file = io.BytesIO()
    assert write(saved, file).note == ""
    return file.getvalue()


def test_a_keras_file_and_a_savedmodel_predict_as_the_run(run: SavedRun, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    x, probabilities = expected(run)
    assert len(np.unique(probabilities.round(6))) > 2
    (tmp_path / "network.keras").write_bytes(filled(export.keras, run))
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), probabilities, atol=1e-5)
    pixels = loaded.predict(x.astype("uint8"), verbose=0)
    np.testing.assert_allclose(pixels, probabilities, atol=1e-5)

    (tmp_path / "model").mkdir()
    export.savedmodel(run, tmp_path / "model")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(loaded.serve(x), probabilities, atol=1e-5)
    np.testing.assert_allclose(loaded.serve(x[:1]), probabilities[:1], atol=1e-5)


def test_onnx_runtime_predicts_as_the_run_in_float32(
    run: SavedRun, case: dict[str, Any], tmp_path: Path
) -> None:
    import onnx
    import onnxruntime

    x, probabilities = expected(made(tmp_path / "a", **{**case, "precision": "float32"}))
    content = filled(export.onnx, run)
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    session = onnxruntime.InferenceSession(content)
    (found,) = session.run(["probabilities"], {"images": x})
    np.testing.assert_allclose(found, probabilities, atol=1e-5)
    (one,) = session.run(["probabilities"], {"images": x[2:3]})
    np.testing.assert_allclose(one, probabilities[2:3], atol=1e-5)
    in_run = expected(run)[1]
    np.testing.assert_allclose(found, in_run, atol=0.02)  # bfloat16 has 8 bits


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = made(tmp_path / "a", filters=[3], hidden=2)
    for write in (export.keras, export.onnx, export.npz, export.csv):
        assert filled(write, run) == filled(write, run)


def test_an_unfinished_run_gives_the_averages_of_its_newest_checkpoint(tmp_path: Path) -> None:
    keys = {"data": "sample", "epochs": 1, "filters": [2], "hidden": 0, "ema": 0.9}
    run = trained(tmp_path / "a", "fashion", **keys)
    file = io.BytesIO()
    note = export.npz(stopped(run, tmp_path / "b"), file).note
    assert "using its newest checkpoint (last.safetensors), after epoch 1 of 1" in note
    file.seek(0)
    with np.load(file) as arrays:
        final = run.weights()
        assert arrays.keys() == final.keys()
        assert all(np.array_equal(arrays[name], final[name]) for name in final)
