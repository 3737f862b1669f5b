"""Download one file over HTTP with pooch, with a limit on the waiting time."""

import re
import sys
import time
from threading import Thread
from typing import BinaryIO

import pooch
import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from nnlab.errors import DataError
from nnlab.text import printable

_CHUNK = 1 << 14  # bytes; less than one chunk within `patience` seconds counts as no data


def get(url: str, file: BinaryIO, *, patience: float, most: int, quiet: bool = False) -> None:
    """Download `url` into `file`.

    The download runs in a separate thread. Behind some firewalls the look-up of the host's name,
    or the attempts to connect to each of its addresses, take minutes, and no timeout of requests
    covers that. This function stops waiting for the thread when no data came for `patience`
    seconds.

    Args:
        url: The address, http or https.
        file: A file open for writing; it is complete only when this function returns.
        patience: The longest time without data, in seconds.
        most: The largest allowed size, in bytes.
        quiet: Whether to hide the progress bar.

    Raises:
        DataError: the server could not be reached, refused the request, stopped sending, or sent
            too much.
        OSError: `file` cannot be written.
    """
    failures: list[Exception] = []
    responses: list[requests.Response] = []

    def keep(response: requests.Response, **_: object) -> None:
        responses.append(response)

    def transfer() -> None:
        downloader = pooch.HTTPDownloader(
            progressbar=watch,
            chunk_size=_CHUNK,
            timeout=(patience / 2, patience),  # connect, read: they end an abandoned thread
            headers={"Accept-Encoding": "identity"},  # no compression on top of the file's gzip
            hooks={"response": keep},
        )
        try:
            downloader(url, file, None)
        except Exception as failure:  # noqa: BLE001 - passed to the waiting thread
            failures.append(failure)
        finally:
            for response in responses:  # pooch leaves them open after a failure
                response.close()

    with _bar(quiet=quiet) as bar:
        watch = _Watch(bar, url.rpartition("/")[2], most)
        thread = Thread(target=transfer, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                left = watch.last + patience - time.monotonic()
                if left <= 0:
                    raise DataError(f"{shown(url)}: no data for {patience:g} seconds")
                thread.join(left)
        finally:
            watch.abandoned = True
    for failure in failures:
        if isinstance(failure, OSError) and failure.errno is not None:
            raise failure  # from the disk: errors of requests have no errno
        raise DataError(f"{shown(url)}: {_reason(failure)}") from failure


def shown(text: str) -> str:
    """Make text from outside safe for a message: short, no password, no control characters."""
    return printable(re.sub(r"//[^/@\s]*@", "//", text))[:200]


def _reason(failure: Exception) -> str:
    """Return why a request failed: the HTTP status, or the operating system's message."""
    if isinstance(failure, requests.HTTPError) and failure.response is not None:
        return f"HTTP status {failure.response.status_code}"
    root: BaseException = failure
    while root.__context__ is not None:
        root = root.__context__
    return shown(getattr(root, "strerror", None) or str(root) or type(root).__name__)


def _bar(*, quiet: bool) -> Progress:
    """Return a progress bar on stderr; it is hidden if `quiet` or if stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
        transient=True,
    )


class _Watch:
    """The progress bar given to pooch, which calls `update` for each chunk; it can stop pooch."""

    def __init__(self, bar: Progress, name: str, most: int) -> None:
        self.last = time.monotonic()  # time of the last data
        self.abandoned = False
        self.total = 0  # bytes announced; pooch sets it
        self._most = most
        self._received = 0
        self._bar = bar
        self._task = bar.add_task(printable(name), total=None)

    def update(self, size: int) -> None:
        """Count a chunk of `size` bytes; raise ValueError to stop the download."""
        self.last = time.monotonic()
        self._received += size
        if self.abandoned or self._received > self._most:
            raise ValueError(f"sends more than the {self._most} bytes that the file can have")
        self._bar.update(self._task, total=self.total or None, completed=self._received)

    def reset(self) -> None:
        """Reset the count; pooch calls this at the end, before it reports the total."""
        self._received = 0

    def close(self) -> None:
        """Do nothing: the `with` statement of the bar closes it."""
