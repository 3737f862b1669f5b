"""How far a study is, and how long it will take."""

import time
from collections.abc import Sequence

from nnlab.console.view import View
from nnlab.study.plan import Settings, planned
from nnlab.study.results import Results
from nnlab.study.study import Part


class Progress:
    """Counts the runs of a study, and shows on a view how many are done and the time left.

    The time is that of a run so far, times the number of runs to come: those of the part that runs
    at the pace of this part, later ones at the pace of all.

    Args:
        view: where it is shown.
        parts: the parts of the study.
        settings: how large the study is.
    """

    def __init__(self, view: View, parts: Sequence[Part], settings: Settings) -> None:
        self._view = view
        self._names = [part.name for part in parts]
        known = [part for part in parts if not callable(part.arms)]
        self._runs = {part.name: len(planned(part, settings, Results([]))) for part in known}
        self._done = self._made = self._made_here = 0
        self._began = self._began_here = time.monotonic()
        self._now, self._trained = "", False

    def begin(self, part: Part, runs: int, missing: int, *, trained: bool = False) -> None:
        """Begin a part with so many runs, of which so many are missing.

        `trained` says that these are trained already, elsewhere, and only have to be measured.
        """
        self._now, self._trained = part.name, trained and missing > 0
        self._runs[part.name] = runs
        self._done += runs - missing
        self._made_here, self._began_here = 0, time.monotonic()
        self._show()

    def ended(self, runs: int = 1) -> None:
        """Count runs that have ended."""
        self._done += runs
        self._made += runs
        self._made_here += runs
        self._show()

    def _show(self) -> None:
        place = self._names.index(self._now) + 1
        label = f"part {place} of {len(self._names)}: {self._now}" + ", measuring" * self._trained
        self._view.overall(label, self._done, sum(self._runs.values()), "runs", self._left(place))

    def _left(self, place: int) -> float | None:
        """Return the seconds until the end; None if no run of this part has ended yet."""
        if not self._made_here:
            return None
        now = time.monotonic()
        after = sum(self._runs.get(name, 0) for name in self._names[place:])
        here = sum(self._runs.values()) - after - self._done
        pace, pace_here = (
            (now - self._began) / self._made,
            (now - self._began_here) / self._made_here,
        )
        return here * pace_here + after * pace
