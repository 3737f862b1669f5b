"""Find Fashion-MNIST on this machine, or download it once and check it."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nnlab.errors import DataError
from nnlab.fashion.dataset.locate import (
    FILES,
    Found,
    cache_folder,
    locate,
    own_folder,
    read_checked,
    read_file,
    read_folder,
    to_stderr,
)
from nnlab.files import replacing
from nnlab.runs.lockfile import HeldError, Lock
from nnlab.text import printable

MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
LOOK_AGAIN = 0.2  # seconds between two attempts to take a lock that another process holds
PATIENCE = 10.0  # seconds without data until a mirror is given up; two mirrors take less than 30
MOST_BYTES = 48 << 20  # of one download; the largest file has 47,040,016 bytes when unpacked


def fetch(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
    patience: float = PATIENCE,
    quiet: bool = False,
) -> Path:
    """Return the folder of Fashion-MNIST, after a download if necessary.

    See `obtain`, which also returns the contents of the files.
    """
    return obtain(data_dir, files=files, say=say, patience=patience, quiet=quiet).folder


def obtain(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
    patience: float = PATIENCE,
    quiet: bool = False,
) -> Found:
    """Find `files` (see `locate`), or download them into NNLAB_DATA or nnlab's cache.

    Args:
        data_dir: If given, only this folder is used, and nothing is downloaded into it.
        files: Name of each file -> SHA-256 of its decompressed bytes.
        say: Called with one line about each damaged file that is skipped, and each download.
        patience: Seconds without data until a mirror is given up.
        quiet: Whether to hide the progress bar of a download.

    Raises:
        DataError: a folder that the user named lacks a file or has a damaged one (see `locate`),
            no mirror delivered the files, or the folder for them cannot be written.
    """
    found = locate(data_dir, files=files, say=say)
    if found is None:
        folder = own_folder() or cache_folder()
        download(folder, files, say=say, patience=patience, quiet=quiet)
        found = Found(folder, read_folder(folder, files))
    return found


def download(
    folder: Path,
    files: Mapping[str, str],
    *,
    say: Callable[[str], None],
    patience: float,
    quiet: bool = False,
) -> None:
    """Download the missing or damaged ones of `files` into `folder`, from the first good mirror.

    Only one process at a time downloads into a folder; the others wait and find the files there.
    Files that arrived before a failure stay, and the next attempt downloads only the others.

    Raises:
        DataError: no mirror delivered a file (the message names each mirror and its failure), or
            `folder` cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder, say):
            for left_by_killed in folder.glob(
                ".tmp-*-ubyte.gz"
            ):  # locked: no process writes them now
                left_by_killed.unlink()
            wanted = {name: sha for name, sha in files.items() if not _good(folder, name, sha)}
            _download(folder, wanted, say, patience, quiet=quiet)
    except OSError as fault:
        raise DataError(
            f"{printable(folder)}: cannot be written: {fault}. "
            "Set the environment variable NNLAB_DATA to a folder with 40 MB of free space"
        ) from fault


@contextmanager
def _one_at_a_time(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder's lock; if another process holds it, tell the user and wait.

    Raises:
        DataError: it is not possible to find out from here whether that process still runs.
    """
    lock, told = Lock(folder / ".nnlab-lock"), False
    while True:
        try:
            lock.acquire()
            break
        except HeldError as held:
            if held.doubt:
                raise DataError(f"{printable(folder)}: {held.doubt}") from None
            if not told:
                say(f"another nnlab is downloading into {printable(folder)}; waiting for it")
            told = True
            time.sleep(LOOK_AGAIN)
    try:
        yield
    finally:
        lock.release()


def _good(folder: Path, name: str, sha256: str) -> bool:
    """Whether `folder` has the right file `name`, complete and undamaged."""
    try:
        read_file(folder, name, sha256, advice="")
    except DataError:
        return False
    return True


def _download(
    folder: Path,
    wanted: dict[str, str],
    say: Callable[[str], None],
    patience: float,
    *,
    quiet: bool,
) -> None:
    """Download `wanted`; after a mirror's first failure the next mirror is used."""
    if not wanted:
        return
    from nnlab.fashion.dataset.transfer import get, shown

    failures = []
    for mirror in _mirrors():
        try:
            for name in tuple(wanted):
                url = f"{mirror}{name}.gz"
                say(f"downloading {shown(url)}")
                with replacing(folder / f"{name}.gz") as file:
                    get(url, file, patience=patience, most=MOST_BYTES, quiet=quiet)
                    file.flush()
                    read_checked(Path(file.name), name, wanted[name], called=shown(url), advice="")
                del wanted[name]
        except DataError as failure:
            failures.append(str(failure))
        if not wanted:
            return
    raise DataError(
        "\n  ".join(("Fashion-MNIST could not be downloaded:", *failures))
        + "\nWith a network connection: nnlab data fetch. Without one: give the folder of the four "
        "files with --data-dir, or install Debian's copy: apt install dataset-fashion-mnist"
    )


def _mirrors() -> tuple[str, ...]:
    """Return the mirrors' addresses: the one in NNLAB_MIRROR if it is set, else `MIRRORS`."""
    own = os.environ.get("NNLAB_MIRROR")
    return (own.rstrip("/") + "/",) if own else MIRRORS
