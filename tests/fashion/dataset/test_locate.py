"""The message about a wrong folder says what is wrong, and names similar files."""

import gzip
import lzma
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from nnlab.errors import DataError
from nnlab.fashion.data import SAMPLE_FILES, SAMPLE_FOLDER
from nnlab.fashion.dataset.idx import IMAGE, read_idx
from nnlab.fashion.dataset.locate import FILES, locate
from tests.conftest import Nnlab
from tests.faults.test_hostile import MB, limited

FIRST = "train-images-idx3-ubyte"


def copy(folder: Path, rename: Callable[[str], str] = str) -> Path:
    """Put the sample's files into `folder`, under other names."""
    folder.mkdir(parents=True)
    for name in SAMPLE_FILES:
        shutil.copy(SAMPLE_FOLDER / f"{name}.xz", folder / rename(f"{name}.xz"))
    return folder


def said_of(folder: Path) -> str:
    with pytest.raises(DataError) as error:
        locate(folder, files=SAMPLE_FILES)
    return str(error.value)


def test_a_folder_that_is_missing_and_one_that_is_a_file(tmp_path: Path) -> None:
    assert said_of(tmp_path / "a").startswith(f"{tmp_path}/a: no such folder. ")
    (tmp_path / "a").touch()
    told = f"{tmp_path}/a: a file, not a folder with the four files; perhaps {tmp_path}?"
    assert said_of(tmp_path / "a").startswith(told)


@pytest.mark.parametrize("below", ["raw", "FashionMNIST/raw"])
def test_a_parent_of_the_right_folder(tmp_path: Path, below: str) -> None:
    copy(tmp_path / "a" / below)
    assert f"; the files are in {tmp_path}/a/{below}. " in said_of(tmp_path / "a")


def capitals(name: str) -> str:
    plain = name.removesuffix(".xz").title()
    return plain.replace("Idx", "IDX").replace("Ubyte", "UBYTE")


NAMES: dict[str, Callable[[str], str]] = {
    "train-images.idx3-ubyte.xz": lambda name: name.replace("-idx", ".idx"),
    "Train-Images-IDX3-UBYTE": capitals,
    "train-images-idx3-ubyte (1).xz": lambda name: name.replace(".xz", " (1).xz"),
    "train-images-idx3-ubyte.zip": lambda name: name.replace(".xz", ".zip"),
}


@pytest.mark.parametrize("name", NAMES)
def test_files_with_a_similar_name_are_named(tmp_path: Path, name: str) -> None:
    said = said_of(copy(tmp_path / "a", NAMES[name]))
    assert f"no {FIRST}, train-labels-idx1-ubyte, t10k-images" in said
    ending = ".xz" if name.endswith(".xz") else ""
    assert f"; {name} has a similar name: rename it to {FIRST}{ending}; " in said


def test_a_device_under_a_files_name(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    (folder / f"{FIRST}.xz").unlink()
    (folder / FIRST).symlink_to("/dev/zero")
    assert f"{FIRST} exists, but is not a regular file" in said_of(folder)


def test_other_data_are_said_to_be_that_and_never_to_be_deleted(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    """Like MNIST: complete, with the right shape, but other data."""
    for name, count in zip(FILES, (60_000, 60_000, 10_000, 10_000), strict=True):
        shape = (count, 28, 28) if "idx3" in name else (count,)
        head = struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape)
        size = count * (784 if len(shape) > 1 else 1)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(head + bytes(size), 1))
    for words, environment in (
        (("data", "verify", "--data-dir", "."), {}),
        (("data", "verify"), {"NNLAB_DATA": "."}),
        (("data", "fetch"), {"NNLAB_DATA": "."}),
    ):
        done = nnlab(*words, **environment)
        assert done.returncode == 1
        assert "a complete IDX file, but not the one of Fashion-MNIST" in done.stderr
        assert "elete" not in done.stderr
    assert len(list(tmp_path.glob("*.gz"))) == 4


@pytest.mark.parametrize("ending", ["gz", "xz", ""])
@pytest.mark.slow
def test_a_tail_of_gigabytes_of_zeros_costs_neither_time_nor_memory(
    tmp_path: Path, ending: str
) -> None:
    folder = copy(tmp_path / "a")
    xz = (folder / f"{FIRST}.xz").read_bytes()
    (folder / f"{FIRST}.xz").unlink()
    packed = {"gz": gzip.compress(lzma.decompress(xz), 1), "xz": xz, "": lzma.decompress(xz)}
    path = folder / f"{FIRST}.{ending}".rstrip(".")
    path.write_bytes(packed[ending])
    os.truncate(path, 10 << 30)
    done = limited(folder, 1000, "data", "verify", "--data-dir", ".")
    assert done.returncode == 1
    assert "is larger than an IDX file of images can be (10,737,418,240 bytes" in done.stderr


def test_zeros_after_a_stream_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes((SAMPLE_FOLDER / f"{FIRST}.xz").read_bytes() + bytes(MB))
    assert read_idx(path, IMAGE).sha256 == SAMPLE_FILES[FIRST]
