"""When `nnlab cubic` looks up from its steps: log points, frames of the animation, safety."""

from collections.abc import Iterator

FRAMES = 60  # in training.gif
LONGEST_BLOCK = 1000  # steps from one look at the losses to the next


def blocks(begin: int, end: int, log_every: int, frames: set[int]) -> Iterator[tuple[int, int]]:
    """Cut the steps begin .. end at every log point and frame, and so that none is long."""
    cuts = {s for s in frames if begin < s < end} | {end}
    for every in (log_every, LONGEST_BLOCK):
        cuts.update(range(begin - begin % every + every, end, every))
    ordered = sorted(cuts)
    return zip([begin, *ordered], ordered, strict=False)


def frame_steps(total: int) -> set[int]:
    """Return the steps of the animation's frames: closer together early, where the fit moves."""
    return {round(total * (i / FRAMES) ** 2.5) for i in range(1, FRAMES + 1)} - {0}
