"""What a person means by a path is found: `~`, a run by its name, a run by one of its files."""

import shutil
from pathlib import Path

from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab

QUICK = ("cubic", "--hidden", 3, "--samples", 30, "--no-gif")


def test_a_run_is_found_by_its_name_and_by_its_files(nnlab: Nnlab) -> None:
    assert nnlab(*QUICK).returncode == 0
    for name in ("cubic-0001", "runs/cubic-0001/config.yaml", "cubic-0001/run.json"):
        done = nnlab("resume", name)
        assert done.returncode == 0, done.stderr
        assert "runs/cubic-0001 is finished" in done.stderr
    for name in ("cubic-0001", "runs/cubic-0001", "runs/cubic-0001/run.json"):
        done = nnlab("cubic", "--config", name, "--print-config")
        assert "samples: 30" in done.stdout, done.stderr
    assert "nowhere" in nnlab("cubic", "--config", "nowhere").stderr


def test_a_tilde_is_the_home_folder(nnlab: Nnlab, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert nnlab(*QUICK, "--run-dir", "~/a", HOME=str(home)).returncode == 0
    assert SavedRun(home / "a").record["status"] == "completed"
    done = nnlab("resume", "~/a", HOME=str(home))
    assert "is finished" in done.stderr
    shutil.copy(home / "a/config.yaml", home / "c.yaml")
    done = nnlab("cubic", "--config=~/c.yaml", "--print-config", HOME=str(home))
    assert "samples: 30" in done.stdout
    (home / "data").mkdir()
    for words, environment in (
        (("--data-dir", "~/data"), {}),
        ((), {"NNLAB_DATA": "~/data"}),
    ):
        done = nnlab("data", "path", *words, HOME=str(home), **environment)
        assert f"{home}/data" in done.stderr
    assert not (tmp_path / "~").exists()


def test_a_home_folder_of_nobody_is_refused_everywhere(nnlab: Nnlab, tmp_path: Path) -> None:
    for words, environment in (
        ((*QUICK, "--run-dir", "~no-such-user/a"), {}),
        ((*QUICK, "--points", "~no-such-user/a"), {}),
        (("cubic", "--config", "~no-such-user/a"), {}),
        (("resume", "~no-such-user/a"), {}),
        (("data", "path", "--data-dir", "~no-such-user/a"), {}),
        (("data", "path"), {"NNLAB_DATA": "~no-such-user/a"}),
    ):
        done = nnlab(*words, **environment)
        assert done.returncode == 2, done.stderr
        assert "starts with ~ but names no home folder" in done.stderr
    assert not (tmp_path / "~no-such-user").exists()
