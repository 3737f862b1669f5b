"""The cores that this process may use, as coreutils counts them."""

import os
import shutil
import subprocess

import pytest

from nnlab.cores import cores


@pytest.mark.skipif(not shutil.which("nproc"), reason="there is no nproc")
def test_as_many_as_nproc_counts() -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    assert cores() == int(subprocess.check_output(["nproc"], env=environment))  # noqa: S607 - in PATH
