"""The chunks cover every step once, and end at every log point and frame."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nnlab.cubic.pacing import LONGEST_CHUNK, chunks, frame_steps


@given(
    begin=st.integers(0, 3000),
    count=st.integers(0, 5000),
    log_every=st.integers(1, 4000),
    total=st.integers(1, 9000),
)
def test_chunks(begin: int, count: int, log_every: int, total: int) -> None:
    end, frames = begin + count, frame_steps(total)
    cut = list(chunks(begin, end, log_every, frames))
    ends = [b for _, b in cut]
    assert [a for a, _ in cut] == [begin, *ends][: len(cut)]
    assert count == 0 or ends[-1] == end
    assert all(0 < b - a <= LONGEST_CHUNK for a, b in cut)
    seen = {*frames, *range(log_every, end + 1, log_every)}
    assert {step for step in seen if begin < step <= end} <= set(ends)


def test_frames_are_closer_together_early() -> None:
    frames = frame_steps(100_000)
    gaps = [b - a for a, b in pairwise(frames)]
    assert gaps == sorted(gaps)
    assert frames[-1] == 100_000
