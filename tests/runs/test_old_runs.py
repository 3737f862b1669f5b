"""Run directories that nnlab 0.2.0 wrote before its files moved can be resumed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Nnlab, weights

DATA = Path(__file__).parent / "data"
NEAR = {"cubic": 1e-4, "fashion": 1e-2}  # fashion's dropout draws other numbers since 0.3.0


@pytest.mark.parametrize("name", ["cubic", pytest.param("fashion", marks=pytest.mark.slow)])
def test_an_old_run_resumes_near_the_weights_of_the_old_version(
    nnlab: Nnlab, tmp_path: Path, name: str
) -> None:
    """`whole` holds what the old version wrote undisturbed; the note says why bytes differ."""
    old = DATA / f"{name}-0.2.0"
    shutil.copytree(old, tmp_path / "a")
    done = nnlab("resume", "a")
    assert done.returncode == 0, done.stderr
    assert "note: version of nnlab: 0.2.0 -> " in done.stderr
    assert "the bytes may not be those of an undisturbed run" in done.stderr
    found, right = weights(tmp_path / "a"), weights(old / "whole")
    assert found.keys() == right.keys()
    for key in right:
        np.testing.assert_allclose(found[key], right[key], rtol=1e-3, atol=NEAR[name])
