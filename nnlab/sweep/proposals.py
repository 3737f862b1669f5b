"""The settings of a sweep, a cohort at a time: grid, random, or TPE."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnlab.errors import missing_package
from nnlab.sweep import grid
from nnlab.sweep.plan import GENERATION, Keys, Plan
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
        self._known = max(self._known, first)
        if first >= self._plan.trials:
            return []
        return self._tpe.ask(first // GENERATION)[: self._plan.trials - first]

    def _all(self) -> list[Keys]:
        if self._plan.search == "grid":
            return list(grid.settings(self._plan.space))[: self._plan.trials]
        from nnlab.sweep import random

        numbers = range(self._plan.trials)
        return [random.setting(self._plan.space, self._plan.seed, each) for each in numbers]


def _tpe(plan: Plan) -> "Tpe":
    try:
        from nnlab.sweep.tpe import Tpe
    except ModuleNotFoundError as error:
        raise missing_package("--search tpe", "sweep", error) from None
    return Tpe(plan.space, plan.seed, plan.direction)
