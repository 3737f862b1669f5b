"""`nnlab reproduce`: what is identical is proven, and each changed bit is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlab.replays.reproduce import reproduce
from nnlab.replays.weights import first_array_apart
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab
from tests.runs.trained import bare

KEYS = {"hidden": 5, "samples": 300, "gif": False}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    """Return a finished run of cubic."""
    return bare(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **KEYS)


def copied(run: SavedRun, path: Path) -> SavedRun:
    shutil.copytree(run.path, path)
    return SavedRun(path)


def test_a_run_is_identical(nnlab: Nnlab, tmp_path: Path, made: SavedRun) -> None:
    done = nnlab("reproduce", made.path, "--run-dir", "again", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"identical: {made.path}\n"
    ours, theirs = (path / "model.npz" for path in (tmp_path / "again", made.path))
    assert ours.read_bytes() == theirs.read_bytes()


def test_the_rerun_is_removed(nnlab: Nnlab, tmp_path: Path, made: SavedRun) -> None:
    done = nnlab("reproduce", made.path, "--json", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    (proof,) = json.loads(done.stdout)["runs"]
    assert proof["verdict"] == "identical"
    assert proof["digests"].keys() == {"config", "metrics", "model.npz"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 5)) for seed in range(60)]
)
def test_one_flipped_bit_of_the_metrics_is_named(tmp_path: Path, made: SavedRun, seed: int) -> None:
    run, rng = copied(made, tmp_path / "run"), np.random.default_rng(seed)
    file = run.path / "metrics.csv"
    raw = bytearray(file.read_bytes())
    at = int(rng.integers(len(raw)))
    raw[at] ^= 1 << int(rng.integers(8))
    file.write_bytes(raw)
    line, before = raw[:at].count(b"\n"), file.read_bytes()[:at].rpartition(b"\n")[2]
    column = made.path.joinpath("metrics.csv").read_text().split("\n")[0].split(",")[
        before.count(b",")
    ]  # fmt: skip
    proof = reproduce(run, tmp_path / "again", "a test")
    if column == "seconds" and chr(raw[at]) in "0123456789.+-e":
        assert proof.verdict == "identical"
        return
    assert proof.verdict == "different"
    (found,) = proof.differences
    row = f"row {line}" if line else "the header"
    assert found.file == "metrics.csv"
    assert found.place in {f"{column} in {row}", row}


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 5)) for seed in range(60)]
)
@pytest.mark.parametrize("checksum", ["wrong", "right"])
def test_one_flipped_bit_of_a_weight_is_named(
    tmp_path: Path, made: SavedRun, seed: int, checksum: str
) -> None:
    run, rng = copied(made, tmp_path / "run"), np.random.default_rng(seed)
    arrays = made.weights()
    name = str(rng.choice(list(arrays)))
    flat, bit = int(rng.integers(arrays[name].size)), int(rng.integers(64))
    whole = arrays[name].tobytes()
    changed = bytearray(whole)
    changed[8 * flat + bit // 8] ^= 1 << bit % 8
    file = run.path / "model.npz"
    if checksum == "right":
        arrays[name] = np.frombuffer(changed).reshape(arrays[name].shape)
        np.savez(file, **arrays)  # type: ignore[arg-type]
    else:
        assert file.read_bytes().count(whole) == 1
        file.write_bytes(file.read_bytes().replace(whole, bytes(changed)))
    proof = reproduce(run, tmp_path / "again", "a test")
    assert proof.verdict == "different"
    (found,) = proof.differences
    index = [int(at) + 1 for at in np.unravel_index(flat, arrays[name].shape)]
    place = f"{name}[{','.join(map(str, index))}]"
    assert (found.file, found.place) == ("model.npz", place)
    assert f"model.npz: {place} is " in proof.first
    assert "indices count from 1" in proof.first


@pytest.mark.parametrize("place", ["zip", "checksum", "header"])
def test_a_byte_outside_the_numbers_is_told(tmp_path: Path, made: SavedRun, place: str) -> None:
    run = copied(made, tmp_path / "run")
    raw = bytearray((run.path / "model.npz").read_bytes())
    at = {"zip": 38, "checksum": raw.index(b"PK\1\2") + 16, "header": raw.index(b" \n")}
    raw[at[place]] ^= 1
    (run.path / "model.npz").write_bytes(raw)
    found = first_array_apart(run.path, made.path)
    assert found
    assert found.told.startswith("model.npz: its SHA-256 is ")
    assert found.more == "bytes outside the arrays differ; every number is the same"
