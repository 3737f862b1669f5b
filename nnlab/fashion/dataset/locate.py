"""Where Fashion-MNIST may lie on this machine, and whether what lies there is the real thing.

The same data are packed by several hands with different gzip bytes, so a file is known by the
SHA-256 of its decompressed bytes.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_dir

from nnlab.console.stream import say as console_say
from nnlab.errors import DataError
from nnlab.fashion.dataset.idx import FETCH_AGAIN, IMAGE, LABEL, Idx, read_idx
from nnlab.fashion.dataset.nearby import why_missing
from nnlab.paths import expanded
from nnlab.text import printable

FILES: Mapping[str, str] = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""Name of each file -> SHA-256 of its decompressed bytes; any table like it can be asked for."""

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
WITHOUT_DATA_DIR = "Leave out --data-dir, and nnlab finds or downloads the data"

_SUFFIXES = (".gz", "", ".xz")  # .gz first: a download, which writes it, repairs any folder


class Found(NamedTuple):
    """A folder and its checked files by name."""

    folder: Path
    files: dict[str, Idx]


def to_stderr(line: str) -> None:
    """Say one line to the person at the terminal."""
    console_say(line, sys.stderr)


def own_folder() -> Path | None:
    """The folder that the environment variable NNLAB_DATA names, if it is set."""
    return expanded(folder) if (folder := os.environ.get("NNLAB_DATA")) else None


def cache_folder() -> Path:
    """The cache of nnlab: ~/.cache/nnlab/fashion-mnist on Linux (XDG_CACHE_HOME is respected)."""
    # What pooch.os_cache gives, without the time that importing pooch takes.
    return Path(user_cache_dir("nnlab")) / "fashion-mnist"


def keras_folder() -> Path:
    """Where `keras.datasets.fashion_mnist` puts its downloads (KERAS_HOME is respected)."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    folder = os.path.expanduser(home)  # noqa: PTH111 - as Keras does, which needs no home folder
    return Path(folder) / "datasets" / "fashion-mnist"


def locate(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
) -> Found | None:
    """Look for `files`: in `data_dir` and nowhere else, or in the usual places in their order.

    The places are the NNLAB_DATA folder, nnlab's cache, Keras's cache, Debian's package. A folder
    that a person named must be good; a damaged file in the others is passed over, and `say` is
    told. A folder counts if it has every file, each as NAME.gz, NAME or NAME.xz.

    Raises:
        DataError: `data_dir` lacks a file, or it or the NNLAB_DATA folder holds a bad one.
    """
    if data_dir is not None:
        return Found(data_dir, read_folder(data_dir, files, advice=WITHOUT_DATA_DIR))
    if own := own_folder():
        advice = "Unset NNLAB_DATA, or let it name another folder, then: nnlab data fetch"
        present = [name for name in files if path_of(own, name)]
        good = {name: read_file(own, name, files[name], advice=advice) for name in present}
        if len(good) == len(files):
            return Found(own, good)
        missing = [name for name in files if name not in good]
        why = why_missing(own, missing, lambda folder: all(path_of(folder, each) for each in files))
        say(f"NNLAB_DATA: {printable(own)}: {why}; looking elsewhere")
    for folder in (cache_folder(), keras_folder(), DEBIAN):
        if all(path_of(folder, name) for name in files):
            try:
                return Found(folder, read_folder(folder, files, advice=""))
            except DataError as bad:
                say(f"warning: passed over {bad}")
    return None


def find(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
) -> Path | None:
    """The folder that `locate` finds (every file was read and checked), or None."""
    found = locate(data_dir, files=files, say=say)
    return found and found.folder


def read_folder(
    folder: Path, files: Mapping[str, str], *, advice: str = FETCH_AGAIN
) -> dict[str, Idx]:
    """Read and check every one of `files` (name -> SHA-256) in `folder`.

    Raises:
        DataError: a file is missing, damaged, or not the published one, or there are not as many
            labels as images. `advice` is its last sentence.
    """
    if missing := [name for name in files if path_of(folder, name) is None]:

        def has(other: Path) -> bool:
            return all(path_of(other, name) for name in files)

        why = why_missing(folder, missing, has)
        raise DataError(f"{printable(folder)}: {why}. {advice}".rstrip())
    read = {name: read_file(folder, name, files[name], advice=advice) for name in files}
    for part in ("train", "t10k"):
        images = len(read[f"{part}-images-idx3-ubyte"].array)
        labels = len(read[f"{part}-labels-idx1-ubyte"].array)
        if images != labels:
            where = f"{printable(folder)}: {part}"
            raise DataError(f"{where} has {images} images and {labels} labels. {advice}".rstrip())
    return read


def read_file(folder: Path, name: str, sha256: str, *, advice: str) -> Idx:
    """Read the file called `name` in `folder` (see `path_of`) and check its digest."""
    return read_checked(path_of(folder, name) or folder / name, name, sha256, advice=advice)


def read_checked(
    path: Path, name: str, sha256: str, *, called: str | None = None, advice: str = FETCH_AGAIN
) -> Idx:
    """Read `path`, which should be the file that is published as `name` with digest `sha256`.

    Raises:
        DataError: as `read_idx`, or the digest is another.
    """
    item = IMAGE if "-idx3-" in name else LABEL  # idx3: three dimensions
    idx = read_idx(path, item, called=called, advice=advice)
    if idx.sha256 != sha256:
        digests = f"SHA-256 {idx.sha256[:12]}... where {sha256[:12]}... is published"
        raise DataError(
            f"{called or printable(path)}: a whole IDX file, but not that of Fashion-MNIST: other "
            f"data, such as MNIST ({digests}). {advice}".rstrip()
        )
    return idx


def path_of(folder: Path, name: str) -> Path | None:
    """The file of that name in `folder`, packed or not, or None."""
    paths = (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
    # Path.is_file raises in a folder that we may not enter; there, too, is nothing for us.
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113
