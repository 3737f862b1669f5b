"""An output never destroys what is at its place: a folder, a pipe, an input, a run."""

import os
import socket
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.outputs import output_path


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, now the current one, with one of everything."""
    monkeypatch.chdir(tmp_path)
    for name in ("folder", "run/plots"):
        Path(name).mkdir(parents=True)
    for name in ("file", "run/run.json", "run/plots/fit.png"):
        Path(name).touch()
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    Path("to-file").symlink_to("file")
    Path("to-plots").symlink_to("run/plots")
    Path("to-picture").symlink_to("run/plots/fit.png")
    Path("run/out").symlink_to("../file")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("folder", "folder is a folder; name a file in it: -o folder/a.png"),
        ("pipe", "pipe is a device or a pipe; name a plain file, such as a.png"),
        ("socket", "socket is a device or a pipe"),
        ("run/a.png", "run/a.png is in the run directory"),
        ("run/plots/new/a.png", "is in the run directory"),
        ("to-plots/a.png", "is in the run directory"),
        ("to-picture", "is in the run directory"),
        ("run/out", "is in the run directory"),
        ("folder/../run/a.png", "is in the run directory"),
        ("none/a.png", "-o none/a.png: there is no folder none"),
        ("file/a.png", "there is no folder file"),
        ("file", "-o file would replace an input"),
        ("to-file", "-o to-file would replace an input"),
        ("folder/../file", "would replace an input"),
        ("~nobody-has-this-name/a", "names no home folder"),
    ],
)
@pytest.mark.usefixtures("there")
def test_a_place_for_a_file_is_refused(asked: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        output_path(Path(asked), "-o", "a.png", inputs=[Path("none"), Path("file")])
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("file", "file is not a folder; name a folder, such as -o pictures"),
        ("pipe", "pipe is not a folder"),
        ("run", "run is in the run directory"),
        ("run/plots", "is in the run directory"),
        ("to-plots", "is in the run directory"),
        ("none/pictures", "there is no folder none"),
    ],
)
@pytest.mark.usefixtures("there")
def test_a_place_for_a_folder_is_refused(asked: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        output_path(Path(asked), "-o", "pictures", folder=True)
    assert said in str(error.value)


def test_a_good_place_is_returned(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(there))
    for asked in ("new", "file", "folder/new", "run/../new", "to-file"):
        assert output_path(Path(asked), "-o", "a.png") == Path(asked)
    assert output_path(Path("~/new"), "-o", "a.png") == there / "new"
    for asked in ("new", "folder"):
        assert output_path(Path(asked), "-o", "pictures", folder=True) == Path(asked)
