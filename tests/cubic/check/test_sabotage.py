"""`nnlab check` must find each error that is planted in the training code, one at a time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT
from tests.cubic.check.mutations import MUTATIONS, Mutation

PACKAGE = Path(__file__).parents[3] / "nnlab"
CHECK = ("check", "--hidden", "5", "--batch-size", "4", "--run-dir", "run", "--no-plots")
# Runs the real command in a copy of the package, in a fork of a process that has already imported
# the libraries: importing them again for each error would take minutes, and so would the pictures,
# which have no say in the verdict.
DRIVER = """
import os, sys
if sys.argv[1] == "without-numba":
    sys.modules["numba"] = None
import nnlab.cli.app, nnlab.cli.train
import nnlab.cubic.check.check, nnlab.cubic.check.steps
if sys.argv[1] == "with-numba":
    import numba
import scipy.linalg.blas
for name in [name for name in sys.modules if name.split(".")[0] == "nnlab"]:
    del sys.modules[name]
for folder in sys.argv[2:]:
    if os.fork() == 0:
        os.chdir(folder)
        output = os.open("output", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1), os.dup2(output, 2)
        sys.path.insert(0, folder)
        if os.path.exists("small"):
            from nnlab.cubic.check import cases
            cases.WIDE = 20
        sys.argv = ["nnlab", *os.environ["CHECK"].split()]
        from nnlab.cli.app import main
        main()
        sys.exit(0)
    code = os.waitstatus_to_exitcode(os.wait()[1])
    with open(os.path.join(folder, "code"), "w") as file:
        file.write(str(code))
"""


def planted(folder: Path, file: str, mutation: Mutation | None) -> Path:
    """Fill `folder` with links to the package, and a copy of `file` with the planted error."""
    shutil.copytree(PACKAGE, folder / "nnlab", copy_function=os.symlink)
    if mutation:
        name, old, new = mutation
        path = folder / "nnlab/cubic" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}, {name}: {old!r} occurs {text.count(old)} times"
        path.unlink()
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("group", MUTATIONS)
def test_each_planted_fault_is_seen(group: str, tmp_path: Path) -> None:
    numba = "without-numba"
    if group == "compiled":
        pytest.importorskip("numba")
        numba = "with-numba"
    file, mutations = MUTATIONS[group]
    folders = {"none": planted(tmp_path / "none", file, None)}
    for k, mutation in enumerate(mutations):
        folders[mutation[0]] = planted(tmp_path / str(k), file, mutation)
        if "200 units" not in mutation[0]:  # found in a small network, it is found in a wide one
            (tmp_path / str(k) / "small").touch()
    environment = ENVIRONMENT | {"CHECK": " ".join(CHECK), "NUMBA_DISABLE_JIT": "1"}
    driver = [sys.executable, "-c", DRIVER, numba, *map(str, folders.values())]
    done = subprocess.run(driver, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    output = {name: (folder / "output").read_text() for name, folder in folders.items()}
    codes = {name: int((folder / "code").read_text()) for name, folder in folders.items()}
    assert codes.pop("none") == 0, output["none"]
    del output["none"]
    missed = {name: output[name] for name, code in codes.items() if code != 1}
    assert not missed, "\n".join(f"{name}\n{text}" for name, text in missed.items())
    for name, text in output.items():  # it failed for the right reason
        assert text.splitlines()[-1].startswith("exit code 1: "), f"{name}\n{text}"
        assert " WRONG" in text, f"{name}\n{text}"
