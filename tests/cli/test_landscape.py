"""`nnlab landscape`: what it prints, writes and refuses."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, Typed
from tests.runs.trained import bare


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keys = {"hidden": 4, "samples": 200, "gif": False}
    return bare(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **keys).path


def test_the_picture_is_written_once(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    done = nnlab("landscape", made)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the plane holds" in done.stdout
    assert "of the variance of 120 states" in done.stdout
    assert "the path ends at model.npz, to the bit" in done.stdout
    assert "wrote landscape.png" in done.stdout
    assert (tmp_path / "landscape.png").read_bytes().startswith(b"\x89PNG")
    again = nnlab("landscape", made)
    said = "nnlab: landscape.png exists: --force replaces it, or choose another -o\n"
    assert (again.returncode, again.stderr) == (2, said)


def test_json_has_every_number(typed: Typed, tmp_path: Path, made: Path) -> None:
    code, said, _ = typed("landscape", str(made), "-o", str(tmp_path / "a.png"), "--json")
    assert code == 0
    printed = json.loads(said)
    assert len(printed["losses"]) == len(printed["b"])
    assert len(printed["loss_of_path"]) == len(printed["steps"]) == len(printed["path"])
    assert printed["share_of_variance"] == pytest.approx(sum(printed["shares"]))


def test_an_end_that_is_not_reached_is_explained(typed: Typed, tmp_path: Path, made: Path) -> None:
    run = SavedRun(shutil.copytree(made, tmp_path / "run"))
    arrays = run.weights()
    arrays["b3"][0] += 1
    np.savez(run.path / "model.npz", **arrays)  # type: ignore[arg-type]
    code, _, fault = typed("landscape", str(run.path), "-o", str(tmp_path / "a.png"))
    assert code == 1
    assert "step 200 was computed again, and is not model.npz to the bit" in fault
    assert not (tmp_path / "a.png").exists()


def test_another_experiment_has_none(typed: Typed, tmp_path: Path) -> None:
    run = bare(tmp_path / "c", "check", hidden=3)
    code, _, fault = typed("landscape", str(run.path))
    assert code == 2
    assert fault.endswith("check, which has no landscape of its loss; give a run of cubic\n")
