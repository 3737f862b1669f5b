"""Run directories that nnlab 0.2.0 wrote before its files moved resume to the same bytes."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.runs.provenance import describe
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, weights, without_times

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("name", ["cubic", pytest.param("fashion", marks=pytest.mark.slow)])
def test_an_old_run_resumes_to_the_bytes_of_the_old_version(
    nnlab: Nnlab, tmp_path: Path, name: str
) -> None:
    """`whole` holds what the old version wrote undisturbed, on the processor in its run.json.

    Another processor or NumPy may round otherwise, so there the last bits may differ.
    """
    old = DATA / f"{name}-0.2.0"
    shutil.copytree(old, tmp_path / "a")
    done = nnlab("resume", "a")
    assert done.returncode == 0, done.stderr
    record, here = SavedRun(old).record, describe()
    found, right = weights(tmp_path / "a"), weights(old / "whole")
    assert found.keys() == right.keys()
    if _ground(record) == _ground(here):
        assert all(found[key].tobytes() == right[key].tobytes() for key in right)
        assert without_times(tmp_path / "a") == without_times(old / "whole")
    else:
        for key in right:
            np.testing.assert_allclose(found[key], right[key], rtol=1e-3, atol=1e-4)


def _ground(record: dict[str, Any]) -> tuple[Any, ...]:
    machine, versions = record["machine"], record["versions"]
    names = ("numpy", "scipy", "tensorflow", "keras")
    return machine["processor"], machine["vectors"], *(versions.get(name) for name in names)
