"""The parameters of saved runs: finished, unfinished and damaged ones."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic.restored import parameters
from nnlab.errors import DataError
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import require_weights
from tests.runs.trained import stopped, trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    keys = {"hidden": 3, "samples": 60, "gif": False, "dtype": "float32"}
    return trained(tmp_path_factory.mktemp("cubic") / "a", "cubic", **keys)


@pytest.fixture
def copy(run: SavedRun, tmp_path: Path) -> Path:
    return shutil.copytree(run.path, tmp_path / "a")


def test_a_finished_run_gives_its_final_parameters(run: SavedRun) -> None:
    found, note = parameters(run)
    assert note == ""
    with np.load(run.path / "model.npz") as arrays:
        assert found.keys() == set(arrays)
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert found["W2"].dtype == "float32"


def test_an_unfinished_run_gives_its_newest_checkpoint_and_nothing_is_written(
    run: SavedRun, tmp_path: Path
) -> None:
    unfinished = stopped(run, tmp_path / "a")
    before = sorted(path for path in unfinished.path.rglob("*"))
    found, note = parameters(unfinished)
    final, _ = parameters(run)
    assert all(np.array_equal(found[name], final[name]) for name in final)
    assert note == (
        f"{unfinished.path} is not finished (interrupted): using its newest checkpoint "
        "(last.safetensors), from step 60 of 60"
    )
    assert sorted(path for path in unfinished.path.rglob("*")) == before


def test_a_damaged_last_checkpoint_gives_way_to_the_one_before(
    run: SavedRun, tmp_path: Path
) -> None:
    folder = stopped(run, tmp_path / "a").path / "checkpoint"
    shutil.copy(folder / "last.safetensors", folder / "previous.safetensors")
    (folder / "last.safetensors").write_bytes(b"damaged")
    assert "(previous.safetensors)" in parameters(SavedRun(folder.parent))[1]
    (folder / "previous.safetensors").write_bytes(b"damaged, too")
    with pytest.raises(DataError, match=r"no checkpoint can be used\n.*last.*\n.*previous"):
        parameters(SavedRun(folder.parent))


def test_a_run_without_any_weights_says_so(run: SavedRun, tmp_path: Path) -> None:
    unfinished = stopped(run, tmp_path / "a")
    shutil.rmtree(unfinished.path / "checkpoint")
    with pytest.raises(DataError, match="a has no weights: it was interrupted before its first"):
        parameters(unfinished)
    finished = shutil.copytree(run.path, tmp_path / "b")
    said = f"checkpoint; the newest run of cubic that has some: {finished}"
    with pytest.raises(DataError, match=re.escape(said)):
        require_weights(unfinished)
    (finished / "model.npz").unlink()
    with pytest.raises(DataError, match=r"b has no weights: model.npz is missing$"):
        require_weights(SavedRun(finished))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"W1": np.zeros((3, 1), "f4")}, "it holds W1, not W1, W2"),
        ({}, "it holds nothing, not W1"),
        ({"W2": np.zeros((2, 2), "f4")}, r"W2 is float32 \(2, 2\), not float32 \(3, 3\)"),
        ({"W2": np.zeros((3, 3))}, r"W2 is float64 \(3, 3\), not float32 \(3, 3\)"),
        ({"W2": np.zeros((1000, 1000))}, r"8,000,\d+ bytes, more than the 88 of this config"),
    ],
)
def test_weights_that_are_not_of_this_config_are_refused(
    run: SavedRun, copy: Path, arrays: dict[str, np.ndarray], said: str
) -> None:
    whole = run.weights() if "W2" in arrays else {}
    np.savez_compressed(copy / "model.npz", **{**whole, **arrays})  # type: ignore[arg-type]
    with pytest.raises(DataError, match=said):
        parameters(SavedRun(copy))


@pytest.mark.parametrize("damage", [b"", b"PK", b"\x93NUMPY", None])
def test_a_damaged_or_missing_model_is_one_error(copy: Path, damage: bytes | None) -> None:
    path = copy / "model.npz"
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(DataError, match=r"model\.npz"):
        parameters(SavedRun(copy))
