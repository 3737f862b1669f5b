"""How much each axis of a sweep decides about the value, by Optuna's PED-ANOVA.

S. Watanabe, A. Bansal, F. Hutter: PED-ANOVA: efficiently quantifying hyperparameter importance in
arbitrary subspaces (2023). An axis is important if the values of the best tenth of the trials are
distributed otherwise than those of all trials. It draws no random numbers, and needs no
scikit-learn, which Optuna's fANOVA does.
"""

import math
from collections.abc import Sequence

from nnlab.sweep.plan import Axis, Choices
from nnlab.sweep.trial import Results, Trial

MOST = 1000  # trials that are looked at
FEWEST = 20  # complete trials: the best tenth has two, with fewer nothing can be said


def importances(results: Results) -> dict[str, float]:
    """Return axis -> its share of the importance, from 0 to 1, the largest first.

    Only complete trials count. Axes with one value are left out. Of more than `MOST` trials a
    sample counts: Optuna takes 1 ms a trial.

    Returns:
        Shares whose sum is 1; nothing if there are fewer than `FEWEST` complete trials, fewer than
        two axes, if all values are equal, or if Optuna is not installed.
    """
    if lacking(results):
        return {}
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    from nnlab.sweep.told import frozen, new_study

    plan, complete, axes = results.plan, _complete(results), _axes(results)
    study = new_study(plan.direction)
    study.add_trials(frozen(axes, plan.direction, trial) for trial in _sample(complete))
    evaluator = PedAnovaImportanceEvaluator()
    shares = get_param_importances(study, evaluator=evaluator, params=list(axes))
    return dict(sorted(shares.items(), key=lambda item: (-item[1], list(axes).index(item[0]))))


def lacking(results: Results) -> str:
    """Return why the importances of a sweep are not known; "" if they are."""
    complete, axes = _complete(results), _axes(results)
    if len(complete) < FEWEST:
        return f"it needs {FEWEST} complete trials; there are {len(complete)}"
    if len(axes) <= 1:
        return "it compares keys, and needs two that have several values"
    if len({trial.value for trial in complete}) <= 1:
        return "all complete trials have the same value"
    try:
        import optuna.importance  # noqa: F401 - whether it is installed
    except ModuleNotFoundError:
        return "it needs Optuna: pip install 'nnlab-bench[sweep]'"
    return ""


def _complete(results: Results) -> list[Trial]:
    return [t for t in results.trials if t.state == "complete" and _finite(t.value)]


def _axes(results: Results) -> dict[str, Axis]:
    return {key: axis for key, axis in results.plan.space.items() if not _single(axis)}


def _sample(trials: Sequence[Trial]) -> Sequence[Trial]:
    """Return so many of the trials as are looked at, always the same.

    Each k-th trial would not do: in a grid these can have the same value of a key.
    """
    import numpy as np

    if len(trials) <= MOST:
        return trials
    chosen = np.random.default_rng(0).permutation(len(trials))[:MOST]
    return [trials[place] for place in sorted(chosen)]


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _single(axis: Axis) -> bool:
    """Return whether an axis has only one value."""
    return isinstance(axis, Choices) and len(axis.values) == 1
