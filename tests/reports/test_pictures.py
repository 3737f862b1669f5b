"""Pictures in a folder of the user: nothing of the user's is replaced by chance."""

import os
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.plots import new_figure
from nnlab.reports.pictures import is_ours, write_pictures


def test_pictures_are_written_and_replaced(tmp_path: Path) -> None:
    figure, _ = new_figure()
    (path,) = write_pictures(tmp_path / "a", {"one.png": figure})
    assert path == tmp_path / "a/one.png"
    before = path.read_bytes()
    assert write_pictures(tmp_path / "a", {"one.png": figure}) == [path]
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"my notes", b"\x89PNG\r\n\x1a\n" + bytes(9000)])
def test_a_file_that_nnlab_did_not_make_is_kept(tmp_path: Path, content: bytes) -> None:
    figure, _ = new_figure()
    (tmp_path / "two.png").write_bytes(content)
    with pytest.raises(UsageError, match=r"two\.png is not a picture that nnlab made: move it"):
        write_pictures(tmp_path, {"one.png": figure, "two.png": figure})
    assert (tmp_path / "two.png").read_bytes() == content
    assert not (tmp_path / "one.png").exists()
    write_pictures(tmp_path, {"two.png": figure}, replace=True)
    assert is_ours(tmp_path / "two.png")


def test_nothing_is_written_into_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "plots").mkdir()
    for folder in (tmp_path, tmp_path / "plots", tmp_path / "new"):
        with pytest.raises(UsageError, match="is in the run directory"):
            write_pictures(folder, {"one.png": new_figure()[0]}, replace=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["plots", "run.json"]


def test_a_pipe_is_not_replaced_by_a_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "one.png")
    with pytest.raises(UsageError, match=r"one\.png is a device or a pipe"):
        write_pictures(tmp_path, {"one.png": new_figure()[0]}, replace=True)
    assert (tmp_path / "one.png").is_fifo()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file is not a folder; name a folder"):
        write_pictures(tmp_path / "file", {"one.png": new_figure()[0]})
