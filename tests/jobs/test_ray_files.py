"""The files of a task on their way: what travels, and what a driver takes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nnlab.errors import NnlabError
from nnlab.jobs import ray_scratch
from nnlab.jobs.ray_files import collected, placed, received, stamps, swept

RUN = {"runs/a/checkpoint/last": b"3", "runs/a/metrics.csv": b"rows", "runs/a/run.json": b"{}"}


def test_what_travels_and_in_which_order(tmp_path: Path) -> None:
    others = ("runs/a/.lock", "runs/a/.tmp-1-run.json", "runs/b/run.json", "runs/a/.lock.held/x")
    placed(dict.fromkeys(others, b"not of the task") | RUN, tmp_path)
    (tmp_path / "runs/a/link").symlink_to("/etc/passwd")
    assert list(collected(tmp_path, ["runs/a", "not/there"]).items()) == list(RUN.items())


def test_a_change_shows(tmp_path: Path) -> None:
    placed(RUN, tmp_path)
    before = stamps(tmp_path, ["runs/a"])
    assert stamps(tmp_path, ["runs/a"]) == before
    (tmp_path / "runs/a/metrics.csv").write_bytes(b"rows and more")
    assert stamps(tmp_path, ["runs/a"]) != before


def test_what_comes_replaces_what_there_was(tmp_path: Path) -> None:
    placed({"runs/a/old": b"", "measured/a.json": b"old", "runs/b/run.json": b"b"}, tmp_path)
    received(RUN, tmp_path, ["runs/a", "measured/a.json"])
    assert collected(tmp_path, ["."]) == RUN | {"runs/b/run.json": b"b"}


@pytest.mark.parametrize("name", ["runs/b/x", "../x", "runs/a/../b", "/etc/x", "runs/abc"])
def test_a_file_that_is_not_of_the_task_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NnlabError, match="not of its task"):
        received(RUN | {name: b""}, tmp_path, ["runs/a"])
    assert os.listdir(tmp_path) == []


def test_files_that_cannot_all_be_written_change_nothing(tmp_path: Path) -> None:
    placed(RUN, tmp_path)
    with pytest.raises(FileExistsError):
        received({"runs/a/x": b"", "runs/a/x/y": b""}, tmp_path, ["runs/a"])
    assert collected(tmp_path, ["."]) == RUN


def test_a_driver_that_is_killed_leaves_what_there_was(tmp_path: Path) -> None:
    placed(RUN, tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from nnlab.jobs import ray_files; "
        "ray_files.fsync_folder = None; ray_files.os.fsync = lambda _: os._exit(9); "
        "ray_files.received({'runs/a/new': b''}, Path(sys.argv[1]), ['runs/a'])"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == 9
    assert len(os.listdir(tmp_path)) == 2
    swept(tmp_path)
    assert os.listdir(tmp_path) == ["runs"]
    assert collected(tmp_path, ["."]) == RUN


def test_a_scratch_folder_that_a_killed_worker_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, other = tmp_path / f"{ray_scratch.PREFIX}1", tmp_path / "other"
    for folder in (left, other):
        folder.mkdir()
        os.utime(folder, (0, 0))
    ray_scratch._sweep.cache_clear()
    with ray_scratch.scratch() as one:
        os.utime(one, (0, 0))
        ray_scratch._sweep.cache_clear()
        with ray_scratch.scratch() as two:
            assert set(tmp_path.iterdir()) == {one, two, other}  # one is locked
    assert set(tmp_path.iterdir()) == {other}
