"""What a rerun of a run has otherwise than the run."""

from typing import NamedTuple

from nnlab.text import clipped, printable

MISSING = "missing"
LONGEST = 60  # characters of a value in a message


class Difference(NamedTuple):
    """The first place at which a file of the rerun differs from the file of the run.

    Attributes:
        file: the file.
        place: the place in it, such as "rmse in row 7" or "W2[3,4]", counted from 1.
        was: the value in the run.
        now: the value in the rerun.
        more: by how much they differ, and how many others do; "" where there is no more to say.
    """

    file: str
    place: str
    was: str
    now: str
    more: str = ""

    @property
    def told(self) -> str:
        """The difference as a sentence without its full stop."""
        was, now = (clipped(printable(value), LONGEST) for value in (self.was, self.now))
        more = f" ({self.more})" if self.more else ""
        return f"{self.file}: {printable(self.place)} is {was} in the run, {now} now{more}"


def apart(was: str, now: str) -> str:
    """Return by how much two numbers differ, as text; "" if one of them is no number."""
    try:
        return f"by {abs(float(now) - float(was)):.3g}"
    except ValueError:
        return ""
