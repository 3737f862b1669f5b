"""`nnlab reproduce` of `nnlab fashion`: TensorFlow's numbers are the same to the bit, too."""

import json
from pathlib import Path

import pytest

from tests.conftest import Nnlab

SMALL = ("fashion", "--data", "sample", "--samples", 200, "--epochs", 2, "--no-plots", "-q")


@pytest.mark.slow
@pytest.mark.long
def test_a_run_of_fashion_is_identical(nnlab: Nnlab, tmp_path: Path) -> None:
    assert nnlab(*SMALL, "--run-dir", "runs/a").returncode == 0
    done = nnlab("reproduce", "runs/a", "-q")
    assert (done.returncode, done.stdout) == (0, "identical: runs/a\n")
    file = tmp_path / "runs/a/report.json"
    report = json.loads(file.read_text())
    was = report["confusion"][2][3]
    report["confusion"][2][3] += 1
    file.write_text(json.dumps(report))
    done = nnlab("reproduce", "--all", "runs", "-q", "--json")
    assert done.returncode == 1, done.stderr
    (proof,) = json.loads(done.stdout)["runs"]
    (found,) = proof["differences"]
    assert (found["file"], found["place"]) == ("report.json", "confusion[2][3]")
    assert (found["was"], found["now"]) == (str(was + 1), str(was))
