"""When `nnlab cubic` looks up from its steps: log points, frames of the animation, the clock."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence

FRAMES = 60  # in training.gif
LONGEST_BLOCK = 1000  # steps from one look at the losses to the next
LONGEST_SECONDS = 0.1  # the same where steps are slow: how long Ctrl-C waits


def blocks(
    begin: int, end: int, log_every: int, frames: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Cut the steps begin .. end at every log point and frame, and so that no block is long.

    A block is at most twice as long as the one before it, and as fits into LONGEST_SECONDS by what
    that one took. Where the cuts are changes nothing in what is learned or logged.

    Args:
        begin: steps taken so far.
        end: steps to have taken at the end.
        log_every: steps from one log point to the next.
        frames: steps with a frame, in order.
    """
    longest, clock = 1, time.perf_counter()
    while begin < end:
        log_point = begin - begin % log_every + log_every
        frame = next(iter(frames[bisect_right(frames, begin) :]), end)
        cut = min(end, log_point, frame, begin + longest)
        yield begin, cut
        a_step = (time.perf_counter() - clock) / (cut - begin)
        longest = max(1, min(2 * longest, LONGEST_BLOCK, int(LONGEST_SECONDS / a_step)))
        begin, clock = cut, time.perf_counter()


def frame_steps(total: int) -> list[int]:
    """Return the steps of the animation's frames: closer together early, where the fit moves."""
    return sorted({round(total * (i / FRAMES) ** 2.5) for i in range(1, FRAMES + 1)} - {0})
