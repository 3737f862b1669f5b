"""TPE: Optuna's tree-structured Parzen estimator proposes, a generation at a time.

J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl: Algorithms for hyper-parameter optimization (2011).

Generation g depends only on the seed, on g, and on the trials before it in the order of their
numbers. So a sweep has the same trials for any number of jobs, and after a resume.
"""

from collections.abc import Mapping

from optuna.samplers import TPESampler
from optuna.trial import TrialState

from nnlab.seeds import Purpose, sequence
from nnlab.sweep import told
from nnlab.sweep.plan import GENERATION, Axis, Direction, Keys
from nnlab.sweep.trial import Trial


class Tpe:
    """Optuna's TPE sampler on a study in memory."""

    def __init__(self, space: Mapping[str, Axis], seed: int, direction: Direction) -> None:
        self._space = space
        self._seed = seed
        self._direction = direction
        self._study = told.new_study(direction)

    def tell(self, trial: Trial) -> None:
        """Add a trial to what is known; call this in the order of the trials' numbers."""
        self._study.add_trial(told.frozen(self._space, self._direction, trial))

    def ask(self, generation: int) -> list[Keys]:
        """Return the settings of a generation, after all trials before it were told."""
        seed = int(sequence(self._seed, Purpose.SETTING, generation).generate_state(1)[0])
        self._study.sampler = TPESampler(seed=seed)
        axes = told.distributions(self._space)
        asked = [self._study.ask(axes) for _ in range(GENERATION)]
        for trial in asked:  # `tell` adds them with their results; the sampler ignores failed ones
            self._study.tell(trial, state=TrialState.FAIL)
        return [told.setting(self._space, trial.params) for trial in asked]
