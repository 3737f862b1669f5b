"""Leave out the points of a long line that its picture cannot show."""

from collections.abc import Sequence

STRETCHES = 1000  # more than a panel has pixels across


def thinned(lines: Sequence[Sequence[float]], stretches: int = STRETCHES) -> Sequence[int]:
    """Return the indices of the points to draw: of each stretch the ends of every line's range.

    So a peak of one point stays, however long the lines are.

    Args:
        lines: the heights of lines over the same x, each (points,).
        stretches: their number; all have as many points.
    """
    count = len(lines[0])
    if count <= 2 * stretches * len(lines):
        return range(count)
    kept = {0, count - 1}
    for stretch in range(stretches):
        begin, end = stretch * count // stretches, (stretch + 1) * count // stretches
        for line in lines:
            part = list(line[begin:end])
            kept |= {begin + part.index(min(part)), begin + part.index(max(part))}
    return sorted(kept)
