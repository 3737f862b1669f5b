"""What `nnlab export` writes for cubic: the same f(x) in each tool that it is for."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from nnlab.cubic import export
from nnlab.cubic.network import Backpropagation
from nnlab.errors import UsageError
from nnlab.exports import onnx_file
from nnlab.runs.saved import SavedRun
from tests.runs.trained import stopped, trained

X = np.linspace(-3, 3, 13)[:, None]


@pytest.fixture(scope="module", params=["float64", "float32"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    keys = {"hidden": 5, "samples": 200, "gif": False, "dtype": request.param, "init_scale": 1.0}
    return trained(tmp_path_factory.mktemp("run") / "cubic-0001", "cubic", **keys)


def filled(write: Any, saved: SavedRun) -> bytes:
    file = io.BytesIO()
    assert write(saved, file).note == ""
    return file.getvalue()


def f(parameters: dict[str, Any]) -> Any:
    """Return f(X) by the equations of the assignment, in float64."""

    def s(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    p = {name: array.astype("float64") for name, array in parameters.items()}
    h2 = s(s(X @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"])
    return h2 @ p["W3"].T + p["b3"]


def test_onnx_runtime_gives_the_same_f(run: SavedRun) -> None:
    weights = run.weights()
    dtype = run.config["dtype"]
    content = filled(export.onnx, run)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version) == (7, 13)
    session = onnxruntime.InferenceSession(content)
    (found,) = session.run(["f"], {"x": X.astype(dtype)})
    assert found.dtype == dtype
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(found, f(weights), atol=tolerance)
    own = Backpropagation(weights, len(X)).forward(X.astype(dtype))
    np.testing.assert_allclose(found, own, atol=tolerance)
    (one,) = session.run(["f"], {"x": X[:1].astype(dtype)})
    np.testing.assert_allclose(one, f(weights)[:1], atol=tolerance)


def test_npz_and_csv_hold_every_bit_of_the_weights(run: SavedRun) -> None:
    weights = run.weights()
    with np.load(io.BytesIO(filled(export.npz, run)), allow_pickle=False) as arrays:
        assert arrays.keys() == weights.keys()
        assert all(np.array_equal(arrays[name], weights[name]) for name in weights)
    rows = list(csv.DictReader(io.StringIO(filled(export.csv, run).decode())))
    assert list(rows[0]) == ["parameter", "i", "j", "value"]
    assert len(rows) == sum(array.size for array in weights.values())
    read = {name: np.full_like(array, np.nan) for name, array in weights.items()}
    for row in rows:
        index = tuple(int(row[axis]) for axis in "ij" if row[axis])
        read[row["parameter"]][index] = row["value"]
    assert all(np.array_equal(read[name], weights[name]) for name in weights)


def test_the_same_run_gives_the_same_bytes(run: SavedRun) -> None:
    for write in (export.onnx, export.npz, export.csv):
        assert filled(write, run) == filled(write, run)


def test_an_unfinished_run_gives_its_newest_checkpoint(run: SavedRun, tmp_path: Path) -> None:
    file = io.BytesIO()
    note = export.npz(stopped(run, tmp_path / "a"), file).note
    assert "using its newest checkpoint (last.safetensors), from step 200 of 200" in note
    assert file.getvalue() == filled(export.npz, run)


def test_weights_that_onnx_cannot_hold_are_refused(
    run: SavedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_file, "MOST_BYTES", 100)
    with pytest.raises(UsageError, match="an ONNX file holds at most 2 GB"):
        filled(export.onnx, run)
