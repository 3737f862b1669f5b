"""The work of a node: calls of functions, each in a folder that is removed after it.

What the calls write goes to the driver while they run, so that a node that dies costs only the
seconds since.
"""

import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from nnlab.jobs.ray_files import Files, collected, placed, stamps
from nnlab.jobs.ray_scratch import scratch
from nnlab.jobs.worker import answer, failed

SAVE_SECONDS = 2.0  # between two looks at what a call has written
SAVE_SHARE = 20  # a look of one second is followed by 20 seconds without


class Call(NamedTuple):
    """A task on its way to a node.

    Attributes:
        call: the function, "module:function".
        arguments: its arguments, without `home`.
        writes: as in `Task`.
        files: what there is of `writes` already; None if the call works in no folder.
    """

    call: str
    arguments: Mapping[str, Any]
    writes: tuple[str, ...]
    files: Files | None


class Saved(NamedTuple):
    """What a call has written so far.

    Attributes:
        place: the place of the call in its pack.
        files: the files.
    """

    place: int
    files: Files


class Ended(NamedTuple):
    """What came of a call.

    Attributes:
        place: the place of the call in its pack.
        answer: as `nnlab.jobs.worker.answer`.
        files: the files that it wrote; None if it works in no folder.
        seconds: how long it took.
    """

    place: int
    answer: bytes
    files: Files | None
    seconds: float


def made(
    calls: Sequence[Call], environment: Mapping[str, str], seconds: float
) -> Iterator[Saved | Ended]:
    """Make calls one after the other; those that have not begun after so many seconds are left."""
    os.environ.update(environment)
    last = time.monotonic() + seconds
    for place, call in enumerate(calls):
        if place and time.monotonic() > last:
            return
        begun = time.monotonic()
        files = None
        try:
            with _home(call) as home:
                reply = yield from _watched(place, call, home)
                files = None if home is None else collected(home, call.writes)
        except OSError as error:  # of this machine's temporary folder
            reply = failed(error)
        yield Ended(place, reply, files, time.monotonic() - begun)


@contextmanager
def _home(call: Call) -> Iterator[Path | None]:
    """Yield the folder of a call, with the files that there are already."""
    if call.files is None:
        yield None
        return
    with scratch() as home:
        placed(call.files, home)
        for each in call.writes:
            (home / each).parent.mkdir(parents=True, exist_ok=True)
        yield home


def _watched(place: int, call: Call, home: Path | None) -> Generator[Saved, None, bytes]:
    """Make a call in a thread; yield what it has written whenever that has changed.

    Returns:
        Its answer.
    """
    answers: list[bytes] = []
    keywords = {**call.arguments, **({} if home is None else {"home": home})}
    thread = Thread(target=lambda: answers.append(_answer(call.call, keywords)), daemon=True)
    thread.start()
    if home is None:
        thread.join()
        return answers[0]
    pause, seen = SAVE_SECONDS, stamps(home, call.writes)
    while True:
        thread.join(pause)
        if not thread.is_alive():
            return answers[0]
        begun = time.monotonic()
        if (now := stamps(home, call.writes)) != seen:
            yield Saved(place, collected(home, call.writes))
            seen = now
        pause = max(SAVE_SECONDS, SAVE_SHARE * (time.monotonic() - begun))


def _answer(call: str, keywords: dict[str, Any]) -> bytes:
    """Return the answer to a call, made with one BLAS thread.

    Ray keeps its workers: a call before this one may have set another number, and Ray's own
    num_cpus does not bind a library that is loaded already.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
    return answer(call, keywords)
