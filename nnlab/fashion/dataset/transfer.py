"""Get one file over HTTP with pooch, and never wait for a server that does not answer."""

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

_CHUNK = 1 << 14  # bytes; less than one chunk within the patience counts as no data


def get(url: str, file: BinaryIO, *, patience: float, most: int, quiet: bool = False) -> None:
    """Write what `url` answers to `file`.

    The transfer runs in a thread of its own, because a look-up of the host's name, or a dozen of
    its addresses tried in turn, takes minutes behind some firewalls, and no timeout of requests
    covers that. The thread is left behind when it has brought nothing for `patience` seconds.

    Args:
        url: The address, http or https.
        file: Open to write; its content is whole only when this function returns.
        patience: Seconds.
        most: Bytes; a longer answer is refused.
        quiet: Show no bar.

    Raises:
        DataError: the server could not be reached, refused, or stopped sending.
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
            timeout=(patience / 2, patience),  # connect, read: how long a thread left behind lives
            headers={"Accept-Encoding": "identity"},  # the file's own gzip, not one around it
            hooks={"response": keep},
        )
        try:
            downloader(url, file, None)
        except Exception as failure:  # noqa: BLE001 - handed to the thread that waits
            failures.append(failure)
        finally:
            for response in responses:  # pooch leaves them open when a transfer fails
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
            raise failure  # the disk's: those of requests carry no number
        raise DataError(f"{shown(url)}: {_reason(failure)}") from failure


def shown(text: str) -> str:
    """Text from outside, for a message: short, without a password or control characters."""
    return printable(re.sub(r"//[^/@\s]*@", "//", text))[:200]


def _reason(failure: Exception) -> str:
    """Why a request failed, in few words: the status, or the operating system's own."""
    if isinstance(failure, requests.HTTPError) and failure.response is not None:
        return f"HTTP status {failure.response.status_code}"
    root: BaseException = failure
    while root.__context__ is not None:
        root = root.__context__
    return shown(getattr(root, "strerror", None) or str(root) or type(root).__name__)


def _bar(*, quiet: bool) -> Progress:
    """A progress bar on stderr, which shows only where a person watches, unless `quiet`."""
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
    """What pooch takes for a progress bar: it hears of every chunk, and may end the transfer."""

    def __init__(self, bar: Progress, name: str, most: int) -> None:
        self.last = time.monotonic()  # when data last came
        self.abandoned = False
        self.total = 0  # bytes announced; pooch sets it
        self._most = most
        self._received = 0
        self._bar = bar
        self._task = bar.add_task(printable(name), total=None)

    def update(self, size: int) -> None:
        """Count a chunk of `size` bytes; what is raised here ends the transfer."""
        self.last = time.monotonic()
        self._received += size
        if self.abandoned or self._received > self._most:
            raise ValueError(f"sends more than the {self._most} bytes that the file can have")
        self._bar.update(self._task, total=self.total or None, completed=self._received)

    def reset(self) -> None:
        """Begin again; pooch does so at the end, before it reports the total."""
        self._received = 0

    def close(self) -> None:
        """Nothing: the `with` around the bar ends it."""
