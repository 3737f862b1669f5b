"""A folder is written whole or not at all."""

from pathlib import Path

import pytest

from nnlab import files, folders


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with folders.replacing(tmp_path / "a") as folder:
        (folder / "inner").mkdir()
        (folder / "inner/x").write_text("1")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a/inner/x").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_old_folder_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/old").write_text("1")
    with folders.replacing(tmp_path / "a") as folder:
        (folder / "new").write_text("2")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "new"]


def test_after_an_error_the_old_folder_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/old").write_text("1")
    with pytest.raises(OSError, match="full"), folders.replacing(tmp_path / "a") as folder:
        (folder / "new").write_text("2")
        raise OSError("the disk is full")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "old"]


@pytest.mark.parametrize("fault", [OSError("no more names"), KeyboardInterrupt()])
@pytest.mark.parametrize("failing", ["second rename", "flush"])
def test_after_a_failed_exchange_the_old_folder_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, failing: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/old").write_text("1")
    rename, flush = Path.rename, files.fsync_folder
    failed: list[Path] = []

    def renamed(path: Path, target: Path) -> Path:
        if failing == "second rename" and not failed and target.name == "a":
            failed.append(path)
            raise fault
        return rename(path, target)

    def flushed(path: Path) -> bool:
        if failing == "flush" and path == tmp_path:
            failed.append(path)
            raise fault
        return flush(path)

    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(files, "fsync_folder", flushed)
    with pytest.raises(type(fault)), folders.replacing(tmp_path / "a") as folder:
        (folder / "new").write_text("2")
    assert len(failed) == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "old"]
