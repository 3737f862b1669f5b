"""Find Fashion-MNIST on this machine, and check that the files are the published ones.

Different publishers compressed the same data to different gzip bytes, so a file is identified by
the SHA-256 of its decompressed bytes.
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
"""Name of each file -> SHA-256 of its decompressed bytes; functions accept another such table."""

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
WITHOUT_DATA_DIR = (
    "Leave out --data-dir, and nnlab finds or downloads Fashion-MNIST; "
    "to train on other data in that folder: nnlab fashion --data own --data-dir FOLDER"
)

_SUFFIXES = (".gz", "", ".xz")  # .gz first: a download is used before any other copy


class Found(NamedTuple):
    """A folder and its checked files by name."""

    folder: Path
    files: dict[str, Idx]


def to_stderr(line: str) -> None:
    """Print one line to stderr."""
    console_say(line, sys.stderr)


def own_folder() -> Path | None:
    """Return the folder in the environment variable NNLAB_DATA, or None if it is not set."""
    return expanded(folder) if (folder := os.environ.get("NNLAB_DATA")) else None


def cache_folder() -> Path:
    """Return nnlab's cache: on Linux ~/.cache/nnlab/fashion-mnist (it respects XDG_CACHE_HOME)."""
    # The same folder as pooch.os_cache gives, but importing pooch takes time.
    return Path(user_cache_dir("nnlab")) / "fashion-mnist"


def keras_folder() -> Path:
    """Return where `keras.datasets.fashion_mnist` puts its downloads (it respects KERAS_HOME)."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    folder = os.path.expanduser(home)  # noqa: PTH111 - as Keras; no error without a home folder
    return Path(folder) / "datasets" / "fashion-mnist"


def locate(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
) -> Found | None:
    """Look for `files` in `data_dir`, or, if it is None, in the usual folders.

    These are, in this order: the NNLAB_DATA folder, nnlab's cache, Keras's cache and the folder of
    Debian's package. A folder must have every file, each as NAME.gz, NAME or NAME.xz. A damaged
    file in a folder that the user named is an error; another folder with a damaged file is
    skipped, and `say` gets a warning.

    Raises:
        DataError: `data_dir` lacks a file, or `data_dir` or the NNLAB_DATA folder has a damaged
            one.
    """
    if data_dir is not None:
        return Found(data_dir, read_folder(data_dir, files, advice=WITHOUT_DATA_DIR))
    if own := own_folder():
        advice = (
            "Unset NNLAB_DATA, or set it to another folder, then: nnlab data fetch. "
            "To train on other data: nnlab fashion --data own --data-dir FOLDER"
        )
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
                say(f"warning: skipped {bad}")
    return None


def find(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
) -> Path | None:
    """Return the folder that `locate` finds, or None; every file was read and checked."""
    found = locate(data_dir, files=files, say=say)
    return found and found.folder


def read_folder(
    folder: Path, files: Mapping[str, str], *, advice: str = FETCH_AGAIN
) -> dict[str, Idx]:
    """Read and check all `files` (name -> SHA-256) in `folder`.

    Raises:
        DataError: a file is missing, damaged, or not the published one, or the numbers of labels
            and images differ. `advice` is the last sentence of the message.
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
    """Read the file `name` in `folder` (see `path_of`) and check its digest."""
    return read_checked(path_of(folder, name) or folder / name, name, sha256, advice=advice)


def read_checked(
    path: Path, name: str, sha256: str, *, called: str | None = None, advice: str = FETCH_AGAIN
) -> Idx:
    """Read `path` and check that it is the file published as `name` with the digest `sha256`.

    Raises:
        DataError: as in `read_idx`, or the file has another digest.
    """
    item = IMAGE if "-idx3-" in name else LABEL  # idx3: three dimensions
    idx = read_idx(path, item, called=called, advice=advice)
    if idx.sha256 != sha256:
        digests = f"SHA-256 {idx.sha256[:12]}... instead of {sha256[:12]}..."
        raise DataError(
            f"{called or printable(path)}: a complete IDX file, but not the one of Fashion-MNIST; "
            f"it has other data, perhaps MNIST ({digests}). {advice}".rstrip()
        )
    return idx


def path_of(folder: Path, name: str) -> Path | None:
    """Return the file `name` in `folder`, compressed or not, or None if there is none."""
    paths = (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
    # Path.is_file raises in a folder without permission; os.path.isfile returns False.
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113
