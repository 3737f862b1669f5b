"""The settings of a sweep, a cohort at a time: grid, random, or TPE."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from nnlab.errors import missing_package
from nnlab.sweep import grid, random
from nnlab.sweep.plan import GENERATION, Keys, Plan
from nnlab.sweep.random import name_of
from nnlab.sweep.trial import Trial

if TYPE_CHECKING:
    from nnlab.sweep.tpe import Tpe


class Proposals:
    """What the search of a plan proposes.

    A cohort is what can be proposed before any of it has run: all trials of a grid or of random
    search, a generation of TPE.

    Raises:
        UsageError: Optuna is not installed, and the search is TPE.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tpe = _tpe(plan) if plan.search == "tpe" else None
        self._known = 0  # trials that TPE was told
        self._seen: set[str] = set()  # the settings so far, and
        self._spare: Iterator[Keys] | None = None  # what takes the place of a repeat

    def cohort(self, first: int, told: Sequence[Trial]) -> list[Keys]:
        """Return the settings of the cohort that begins with trial `first`.

        Args:
            first: number of its first trial; for TPE a multiple of `GENERATION`.
            told: the trials before it, by number.

        Returns:
            One setting per trial; none if all trials were proposed.
        """
        if self._tpe is None:
            return self._all() if first == 0 else []
        for trial in told[self._known : first]:
            self._tpe.tell(trial)
            self._seen.add(name_of(trial.keys))
        self._known = max(self._known, first)
        if first >= self._plan.trials:
            return []
        asked = self._tpe.ask(first // GENERATION)[: self._plan.trials - first]
        return [self._new(keys) for keys in asked]

    def _new(self, keys: Keys) -> Keys:
        """Return a setting, or the next random one that is new, if TPE proposes it again."""
        if name_of(keys) in self._seen:
            self._spare = self._spare or random.settings(self._plan.space, self._plan.seed)
            keys = next((each for each in self._spare if name_of(each) not in self._seen), keys)
        self._seen.add(name_of(keys))
        return keys

    def _all(self) -> list[Keys]:
        if self._plan.search == "grid":
            return list(grid.settings(self._plan.space))[: self._plan.trials]
        drawn = random.settings(self._plan.space, self._plan.seed)
        return list(islice(drawn, self._plan.trials))


def _tpe(plan: Plan) -> "Tpe":
    try:
        from nnlab.sweep.tpe import Tpe
    except ModuleNotFoundError as error:
        raise missing_package("--search tpe", "sweep", error) from None
    return Tpe(plan.space, plan.seed, plan.direction)
