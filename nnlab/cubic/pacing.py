"""When training stops to look: log points, frames of the animation, signals.

The steps of an epoch are taken in chunks. Between two chunks, Python can log, draw and react to
Ctrl-C; inside a chunk, an engine (for example compiled code) runs without interruption.
"""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence

FRAMES = 60  # in training.gif
LONGEST_CHUNK = 1000  # steps
LONGEST_SECONDS = 0.1  # of a chunk, where steps are slow: Ctrl-C waits at most about this long


def chunks(
    begin: int, end: int, log_every: int, frames: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Split the steps begin .. end into short chunks that end at every log point and frame.

    The first chunk has one step. Each chunk is at most twice as long as the one before it, at most
    LONGEST_CHUNK steps, and short enough to take LONGEST_SECONDS at the measured speed. The split
    does not change what the network learns or what is logged.

    Args:
        begin: steps taken so far.
        end: steps taken after the last chunk.
        log_every: steps between two log points.
        frames: the steps that get a frame, in ascending order.
    """
    longest, clock = 1, time.perf_counter()
    while begin < end:
        log_point = begin - begin % log_every + log_every
        frame = next(iter(frames[bisect_right(frames, begin) :]), end)
        cut = min(end, log_point, frame, begin + longest)
        yield begin, cut
        seconds_per_step = (time.perf_counter() - clock) / (cut - begin)
        longest = max(1, min(2 * longest, LONGEST_CHUNK, int(LONGEST_SECONDS / seconds_per_step)))
        begin, clock = cut, time.perf_counter()


def frame_steps(total: int) -> list[int]:
    """Return the steps that get a frame: closer together early, where the fit changes fastest."""
    return sorted({round(total * (i / FRAMES) ** 2.5) for i in range(1, FRAMES + 1)} - {0})
