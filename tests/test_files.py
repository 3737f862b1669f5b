"""A file is written whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnlab import files


def test_the_new_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.replacing(path) as file:
        file.write(b"half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_temporary_name_keeps_the_suffixes(tmp_path: Path) -> None:
    with files.replacing(tmp_path / "model.weights.h5") as file:
        assert file.name.endswith("model.weights.h5")


def test_the_old_file_can_be_kept(tmp_path: Path) -> None:
    path, old = tmp_path / "a", tmp_path / "old"
    for text in (b"1", b"2", b"3"):
        files.write_bytes(path, text, keep=old)
    assert (path.read_bytes(), old.read_bytes()) == (b"3", b"2")
    with pytest.raises(RuntimeError), files.replacing(path, keep=old):
        raise RuntimeError
    assert (path.read_bytes(), old.read_bytes()) == (b"3", b"2")


def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        files.write_text(tmp_path / "nowhere/a.txt", "x")
    assert error.value.filename == str(tmp_path / "nowhere/a.txt")


WRITER = """
import sys
from pathlib import Path
from nnlab import files
path, count = Path(sys.argv[1]), 0
while True:
    count += 1
    files.write_text(path, str(count) * 200_000)
    print(count, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for delay in (0.0, 0.01, 0.02, 0.03):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
        text = path.read_text()
        number = text[: len(text) // 200_000]
        assert text == number * 200_000
