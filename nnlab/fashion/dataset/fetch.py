"""Have Fashion-MNIST on this machine: find it, or download it once, whole and checked."""

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
LOOK_AGAIN = 0.2  # seconds between two looks at a lock that another process holds
PATIENCE = 10.0  # seconds without data after which a mirror is given up; twice that is under 30
MOST_BYTES = 48 << 20  # of one download; the largest file has 47,040,016 bytes unpacked


def fetch(
    data_dir: Path | None = None,
    *,
    files: Mapping[str, str] = FILES,
    say: Callable[[str], None] = to_stderr,
    patience: float = PATIENCE,
    quiet: bool = False,
) -> Path:
    """The folder of Fashion-MNIST: `data_dir`, or one found, or one just downloaded into.

    See `obtain`, which also returns what was read.
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
    """Locate `files` (see `locate`), or else download them into NNLAB_DATA or nnlab's cache.

    Args:
        data_dir: The one folder to use; nothing is ever downloaded into it.
        files: Name of each file -> SHA-256 of its decompressed bytes.
        say: Told one line about each bad file passed over and each download.
        patience: Seconds without data after which a mirror is given up.
        quiet: A download shows no bar.

    Raises:
        DataError: a folder that a person named is not good (see `locate`), no mirror gave the
            files, or the folder for them cannot be written.
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
    """Download those of `files` that `folder` has not got, or not good, from the first that can.

    One process at a time does so; the next one finds the work done. The files that arrived before
    a failure stay, and the next attempt goes on from there.

    Raises:
        DataError: no mirror gave a file (each is named with its reason), or `folder` cannot be
            written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder, say):
            for left_by_killed in folder.glob(".tmp-*-ubyte.gz"):  # the lock: nobody writes them
                left_by_killed.unlink()
            wanted = {name: sha for name, sha in files.items() if not _good(folder, name, sha)}
            _download(folder, wanted, say, patience, quiet=quiet)
    except OSError as fault:
        raise DataError(
            f"{printable(folder)}: cannot be written: {fault}. "
            "Set the environment variable NNLAB_DATA to a folder with 40 MB of room"
        ) from fault


@contextmanager
def _one_at_a_time(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder's lock; when another process has it, say so and wait.

    Raises:
        DataError: whether that process still runs cannot be told from here.
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
    """Whether `folder` has this file, whole and the right one."""
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
    """Take `wanted` from the mirrors in turn; one that fails once is not asked again."""
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
        + "\nWhere there is a network: nnlab data fetch. Without one: name a folder that has the "
        "four files with --data-dir, or install Debian's copy: apt install dataset-fashion-mnist"
    )


def _mirrors() -> tuple[str, ...]:
    """The addresses to ask: the one in the environment variable NNLAB_MIRROR, or ours."""
    own = os.environ.get("NNLAB_MIRROR")
    return (own.rstrip("/") + "/",) if own else MIRRORS
