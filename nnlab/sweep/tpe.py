"""TPE: Optuna's tree-structured Parzen estimator proposes, a generation at a time.

J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl: Algorithms for hyper-parameter optimization (2011).
TPE draws candidates where good trials are dense, and takes the one with the largest ratio of the
density of good trials to the density of the others.

Generation g depends only on the seed, on g, and on the trials before it in the order of their
numbers. So a sweep has the same trials for any number of jobs, and after a resume.
"""

from collections.abc import Mapping, Sequence

from optuna.samplers import TPESampler
from optuna.trial import TrialState

from nnlab.seeds import Purpose, sequence
from nnlab.sweep import told
from nnlab.sweep.plan import GENERATION, Axis, Direction, Keys
from nnlab.sweep.trial import Trial

# The time of a proposal grows with the trials that the sampler knows. So it knows at most MOST.
# Optuna counts at most 25 trials as good, and the weight of the others fades with their age: when
# it forgets old trials that are not good, the first density stays and the second changes little.
GOOD = 25
RECENT = 225
MOST = 320
CANDIDATES = 12  # half of Optuna's: half the time, and benchmarks/sweep_search.py finds no loss


class Tpe:
    """Optuna's TPE sampler on a study in memory."""

    def __init__(self, space: Mapping[str, Axis], seed: int, direction: Direction) -> None:
        self._space = space
        self._seed = seed
        self._direction = direction
        self._known: list[Trial] = []
        self._added = 0  # trials of `_known` that are in the study
        self._study = told.new_study(direction)

    def tell(self, trial: Trial) -> None:
        """Add a trial to what is known; call this in the order of the trials' numbers."""
        if trial.state not in told.STATES:
            return
        self._known.append(trial)
        if len(self._known) > MOST:
            self._known = _kept(self._known, self._direction)
            self._added = 0
            self._study = told.new_study(self._direction)

    def ask(self, generation: int) -> list[Keys]:
        """Return the settings of a generation, after all trials before it were told."""
        for trial in self._known[self._added :]:
            self._study.add_trial(told.frozen(self._space, self._direction, trial))
        self._added = len(self._known)
        seed = int(sequence(self._seed, Purpose.SETTING, generation).generate_state(1)[0])
        self._study.sampler = TPESampler(seed=seed, n_ei_candidates=CANDIDATES)
        axes = told.distributions(self._space)
        asked = [self._study.ask(axes) for _ in range(GENERATION)]
        for each in asked:  # their results come by `tell`; the sampler ignores failed trials
            self._study.tell(each, state=TrialState.FAIL)
        return [told.setting(self._space, each.params) for each in asked]


def _kept(trials: Sequence[Trial], direction: Direction) -> list[Trial]:
    """Return the best and the last of `trials`, in their order."""
    sign = 1 if direction == "minimize" else -1
    values = [
        (sign * trial.value, trial.number)
        for trial in trials
        if trial.state == "complete" and trial.value is not None
    ]
    kept = {number for _, number in sorted(values)[:GOOD]}
    kept |= {trial.number for trial in trials[-RECENT:]}
    return [trial for trial in trials if trial.number in kept]
