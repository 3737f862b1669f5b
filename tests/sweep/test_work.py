"""One run of a sweep as a worker makes it: what it says names no folder of the machine."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nnlab.errors import NnlabError
from nnlab.jobs.training import said
from nnlab.sweep.work import work
from nnlab.text import from_name
from tests.sweep import small

KEYS = {**small.BASE, "lr": 0.01}


def told(home: Path, **keys: Any) -> str:
    """Return what is told of the run in `home`, which fails."""
    with pytest.raises(NnlabError) as caught:
        work(home=home, experiment="cubic", run="runs/t0000_s0", keys=KEYS | keys, command="a test")
    return said(caught.value)


@pytest.mark.parametrize("name", ["tmp", "deep/folder of a sweep"])
def test_a_reason_is_the_same_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / name
    (home / "runs").mkdir(parents=True)
    assert "/else/tmp/none.npz" in told(home, init_from="/else/tmp/none.npz")
    (home / "runs/t0000_s0").mkdir()
    (home / "runs/t0000_s0/run.json").write_text("{")
    shutil.copytree(home, tmp_path / "copy")
    reasons = {told(each) for each in (home, Path(name), tmp_path / "copy")}
    monkeypatch.chdir(home)
    assert reasons == {told(Path())}
    assert reasons.pop().startswith("runs/t0000_s0/run.json is damaged")


def test_what_run_json_says_names_no_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    work(home=tmp_path, experiment="cubic", run="runs/a", keys=KEYS, command="a test", until=1)
    (tmp_path / "runs/a/model.npz").mkdir()
    with pytest.raises(OSError, match=r"'runs/a/model\.npz'"):
        work(home=tmp_path, experiment="cubic", run="runs/a", keys=KEYS, command="a test")
    record = json.loads((tmp_path / "runs/a/run.json").read_text())
    assert "'a/model.npz'" in record["error"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/x/runs/t0000_s0/a.npz is damaged", "runs/t0000_s0/a.npz is damaged"),
        ("'/x/runs/a' and /x/runs.", "'runs/a' and runs."),
        ("/y/x/runs/a", "/y/x/runs/a"),
        ("/x/runs2/a, /x/runs.old/a, /x/runs-3", "/x/runs2/a, /x/runs.old/a, /x/runs-3"),
    ],
)
def test_only_whole_paths_are_shortened(text: str, expected: str) -> None:
    assert from_name(text, Path("/x/runs")) == expected
